// Trunks: the operator's document of sip.md 5, with `name` in the path, `test` and `auth.secret` beside the rest. The secret is sealed
// and never shown again; a document that leaves it out keeps the one that is there.
#include "admin/operation.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "media/codec.hpp"
#include "sip/endpoint.hpp"

namespace boni::admin {
namespace {

Result<sip::Trunk> opened(model::Trunk const& trunk, Secret const& master_key) {
    Secret secret;
    if (!trunk.secret.empty()) {
        TRY(auto plain, unseal(master_key.reveal(), trunk.secret, trunk.name));
        secret = Secret{std::move(plain)};
    }
    return sip::trunk_from(trunk.name, trunk.test, trunk.config, std::move(secret));
}

json::object shown(model::Trunk const& trunk, std::vector<sip::TrunkState> const& states) {
    auto out = trunk.config;
    out["name"] = trunk.name;
    out["test"] = trunk.test;
    out["createdAt"] = rfc3339(trunk.created_at);
    auto const state = std::ranges::find(states, trunk.name, &sip::TrunkState::name);
    if (state != states.end())
        out["state"] = json::object{{"up", state->up}, {"callsIn", state->calls_in}, {"callsOut", state->calls_out},
                                    {"minutesToday", std::int64_t(state->minutes_today)}};
    return out;
}

Task<Result<std::optional<model::Trunk>>> known(Asked& asked, std::string trunk_name) {
    CO_TRY(auto const trunks, co_await asked.services.store.trunks());
    auto const found = std::ranges::find(trunks, trunk_name, &model::Trunk::name);
    if (found == trunks.end()) co_return std::nullopt;
    co_return *found;
}

Task<Result<Answer>> list_trunks(Asked& asked) {
    CO_TRY(auto trunks, co_await asked.services.store.trunks());
    auto const states = asked.services.sip.trunks();
    co_return page_of_few(asked, std::move(trunks), [&](auto const& trunk) { return shown(trunk, states); });
}

/// A codec that nobody here speaks would only be found out by calls that fail.
Result<> spoken(sip::Trunk const& trunk) {
    for (auto const& codec : trunk.codecs)
        if (codec != "telephone-event" && !media::find_codec(codec)) return wrong("codecs", "holds '" + codec + "', which is not spoken here");
    return {};
}

/// Two trunks that are told by one user could not be told apart.
Task<Result<>> alone_with_its_user(Asked& asked, sip::Trunk const& trunk) {
    if (trunk.kind != sip::TrunkKind::digest) co_return Result<>{};
    CO_TRY(auto const stored, co_await asked.services.store.trunks());
    for (auto const& other : stored) {
        auto const* const auth = json::object_at(other.config, "auth");
        if (other.name == trunk.name || json::text(other.config, "kind") != name(sip::TrunkKind::digest) || !auth) continue;
        if (json::text(*auth, "user") == trunk.auth->user)
            co_return fail(Errc::conflict, "the trunk " + other.name + " is told by this user", "auth.user", "duplicate_user");
    }
    co_return Result<>{};
}

/// Takes `test` and `auth.secret` out of the document; what is left is what trunk_from knows.
Task<Result<Answer>> put(Asked& asked) {
    model::Trunk trunk{.id = TrunkId::fresh(asked.now), .name = asked.param("name"), .config = asked.body, .created_at = asked.now};
    CO_TRY(auto const before, co_await known(asked, trunk.name));
    if (before) trunk.id = before->id, trunk.created_at = before->created_at;
    CO_TRY(auto const test, flag_of(trunk.config, "test"));
    trunk.test = test.value_or(false);
    for (auto const member : {"test", "name", "createdAt", "state"}) trunk.config.erase(member);   // so that what was shown can be put back
    if (auto* const auth = trunk.config.if_contains("auth"); auth && auth->is_object()) {
        CO_TRY(auto const secret, text_of(auth->as_object(), "secret"));
        auth->as_object().erase("secret");
        if (secret) trunk.secret = seal(asked.services.master_key.reveal(), *secret, trunk.name);
        else if (before) trunk.secret = before->secret;
    }
    CO_TRY(auto const read, opened(trunk, asked.services.master_key));
    CO_CHECK_OK(spoken(read));
    CO_CHECK_OK(co_await alone_with_its_user(asked, read));
    CO_CHECK_OK(co_await asked.services.store.save_trunk(trunk, asked.entry(trunk.name)));
    CO_CHECK_OK(co_await asked.admin.apply_trunks());
    co_return Answer{before ? 200 : 201, shown(trunk, {})};
}

Task<Result<Answer>> remove_trunk(Asked& asked) {
    auto const trunk_name = asked.param("name");
    CO_CHECK_OK(co_await asked.services.store.remove_trunk(trunk_name, asked.entry(trunk_name)));
    CO_CHECK_OK(co_await asked.admin.apply_trunks());
    co_return Answer{204, {}};
}

}  // namespace

std::span<Operation const> trunk_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/trunks", list_trunks, page_parameters},
        {"PUT", "/v1/trunks/{name}", put},
        {"DELETE", "/v1/trunks/{name}", remove_trunk},
    };
    return operations;
}

/// Live calls keep the trunk they came with (sip::Endpoint::set_trunks).
Task<Result<>> apply_trunks(Services& services) {
    CO_TRY(auto const stored, co_await services.store.trunks());
    std::vector<sip::Trunk> trunks;
    for (auto const& one : stored) {
        auto trunk = opened(one, services.master_key);
        if (trunk) trunks.push_back(*std::move(trunk));
        else log_error("admin", "a trunk cannot be used: " + trunk.error().what, {{"trunk", one.name}});
    }
    services.sip.set_trunks(std::move(trunks));
    co_return Result<>{};
}

}  // namespace boni::admin
