// API keys of tenants and operator keys: made, listed, revoked. A key is shown once.
#include "admin/operation.hpp"
#include "api/api.hpp"
#include "api/key_format.hpp"

namespace boni::admin {
namespace {

json::object shown(model::ApiKey const& key) {
    json::object out{{"id", key.id.str()}, {"name", key.name}, {"prefix", key.prefix}, {"createdAt", rfc3339(key.created_at)}};
    json::array scopes;
    for (auto const scope : key.scopes) scopes.push_back(json::string{name(scope)});
    if (!key.operator_key) out["scopes"] = std::move(scopes);
    if (key.expires_at) out["expiresAt"] = rfc3339(*key.expires_at);
    if (key.revoked_at) out["revokedAt"] = rfc3339(*key.revoked_at);
    if (key.last_used_at) out["lastUsedAt"] = rfc3339(*key.last_used_at);
    return out;
}

/// All four unless the body names some.
Result<std::vector<model::Scope>> scopes_of(json::object const& body) {
    TRY(auto const words, texts_of(body, "scopes"));
    std::vector<model::Scope> scopes;
    for (auto const& word : words) {
        auto const scope = from_name<model::Scope>(word);
        if (!scope) return wrong("scopes", "must hold read, recordings, actions and write only");
        if (std::ranges::find(scopes, *scope) == scopes.end()) scopes.push_back(*scope);
    }
    if (scopes.empty() && json::find(body, "scopes")) return wrong("scopes", "must name at least one");
    if (scopes.empty()) scopes = {model::Scope::read, model::Scope::recordings, model::Scope::actions, model::Scope::write};
    return scopes;
}

Task<Result<Answer>> listed(Asked& asked, TenantId tenant) {
    CO_TRY(auto keys, co_await asked.services.store.keys(tenant));
    co_return page_of_few(asked, std::move(keys), [](auto const& key) { return shown(key); });
}

/// `key` has everything but what is made here.
Task<Result<Answer>> made(Asked& asked, api::KeyKind kind, model::ApiKey key) {
    CO_TRY(auto const label, text_of(asked.body, "name", 100));
    CO_TRY(auto const seconds, [&]() -> Result<std::int64_t> {
        constexpr std::int64_t seconds_max = 10LL * 365 * 86'400;
        if (!json::find(asked.body, "expiresInSeconds")) return 0;
        auto const value = json::integer(asked.body, "expiresInSeconds");
        if (!value || *value < 1 || *value > seconds_max) return wrong("expiresInSeconds", "must be a whole number up to ten years");
        return *value;
    }());
    auto const fresh = api::make_key(kind);
    key.id = KeyId::fresh(asked.now);
    key.name = label.value_or("");
    key.prefix = fresh.prefix;
    key.hash = fresh.hash;
    key.created_at = asked.now;
    if (seconds > 0) key.expires_at = asked.now + std::chrono::seconds{seconds};
    CO_CHECK_OK(co_await asked.services.store.create_key(key, asked.entry(key.id.str())));
    auto answer = shown(key);
    answer["apiKey"] = fresh.shown;
    co_return Answer{201, std::move(answer)};
}

Task<Result<Answer>> revoked(Asked& asked, TenantId tenant) {
    auto const id = KeyId::from(asked.param("key_id"));
    CO_TRY(auto const keys, co_await asked.services.store.keys(tenant));
    auto const found = std::ranges::find(keys, id, &model::ApiKey::id);
    if (found == keys.end()) co_return fail(Errc::not_found, "no such key", {}, "not_found");
    CO_CHECK_OK(co_await asked.services.store.revoke_key(id, asked.now, asked.entry(id.str())));
    asked.services.api.forget_key(found->hash);
    co_return Answer{204, {}};
}

Task<Result<Answer>> list_keys(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    co_return co_await listed(asked, tenant.id);
}

/// vp_test_ or vp_live_, after the tenant's environment.
Task<Result<Answer>> create_key(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_CHECK_OK(only(asked.body, {"name", "scopes", "expiresInSeconds"}));
    CO_TRY(auto scopes, scopes_of(asked.body));
    co_return co_await made(asked, tenant.test ? api::KeyKind::test : api::KeyKind::live, {.tenant = tenant.id, .scopes = std::move(scopes)});
}

Task<Result<Answer>> revoke_key(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    co_return co_await revoked(asked, tenant.id);
}

Task<Result<Answer>> list_operator_keys(Asked& asked) { return listed(asked, {}); }

Task<Result<Answer>> create_operator_key(Asked& asked) {
    CO_CHECK_OK(only(asked.body, {"name", "expiresInSeconds"}));
    co_return co_await made(asked, api::KeyKind::oper, {.operator_key = true});
}

Task<Result<Answer>> revoke_operator_key(Asked& asked) { return revoked(asked, {}); }

}  // namespace

std::span<Operation const> key_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/tenants/{tenant}/keys", list_keys, page_parameters},
        {"POST", "/v1/tenants/{tenant}/keys", create_key},
        {"DELETE", "/v1/tenants/{tenant}/keys/{key_id}", revoke_key},
        {"GET", "/v1/operator-keys", list_operator_keys, page_parameters},
        {"POST", "/v1/operator-keys", create_operator_key},
        {"DELETE", "/v1/operator-keys/{key_id}", revoke_operator_key},
    };
    return operations;
}

}  // namespace boni::admin
