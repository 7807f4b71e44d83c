#include "api/auth.hpp"

#include <algorithm>

#include "api/key_format.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"

namespace boni::api {
namespace {

constexpr auto cache_time = 5s;                 // revocation is effective within it on every node
constexpr std::size_t known_max = 10'000;       // keys; then the cache starts anew, which costs one read per key
constexpr auto touch_interval = 1min;           // how exact last_used_at is
constexpr auto lookup_limit = 2s;

bool usable(store::KeyOwner const& owner, Instant now) {
    auto const& key = owner.key;
    return !key.operator_key && !key.revoked_at && (!key.expires_at || *key.expires_at > now);
}

std::unexpected<Error> refuse(std::string what, std::string token) { return fail(Errc::forbidden, std::move(what), {}, std::move(token)); }

}  // namespace

Task<Result<Owner>> Keys::authenticate(http::Request const& request) {
    auto const shown = request.headers.count("X-API-Key") == 1 ? request.headers.get("X-API-Key") : std::nullopt;
    if (!shown) co_return std::unexpected(wrong_.refusal(request));
    auto const hash = sha256_hex(*shown);
    auto const now = clock_.now();
    Result<Owner> owner;
    if (auto const* const cached = known(hash)) {
        owner = cached->owner;
    } else {
        if (!well_formed(*shown)) co_return std::unexpected(wrong_.refusal(request));
        // One that worked before is asked for again.
        if (!wrong_.patient(request) && !known_.contains(hash)) co_return std::unexpected(WrongKeys::too_many());
        owner = co_await look_up(hash);
        if (!owner && owner.error().code != Errc::not_found) co_return std::unexpected(owner.error());
    }
    if (!owner || !usable(**owner, now)) co_return std::unexpected(wrong_.refusal(request));
    if (auto const* const used = known(hash); used && use_is_due(used->used_at, now))
        spawn(co_await asio::this_coro::executor, "api key", touch(hash, now));
    co_return owner;
}

void Keys::forget(std::string_view hash) {
    known_.erase(std::string{hash});
    ++forgotten_;
}

Keys::Known* Keys::known(std::string const& hash) {
    auto const found = known_.find(hash);
    return found != known_.end() && clock_.steady() < found->second.until ? &found->second : nullptr;
}

bool use_is_due(std::optional<Instant> written, Instant now) { return !written || now - *written >= touch_interval; }

Task<> write_use(store::Store& store, KeyId key, Instant now) {
    auto const written = co_await store.touch_key(std::move(key), now);
    if (!written) log_warning("api", "last use of a key could not be written: " + written.error().what);
}

Task<Result<Owner>> Keys::look_up(std::string hash) {
    auto const asked_at = clock_.steady();   // before the read: what it says may be old from then on
    auto const forgotten = forgotten_;
    CO_TRY(auto owner, co_await within(lookup_limit, store_.key_by_hash(hash)));
    if (!owner) co_return fail(Errc::not_found, "no such key");
    auto shared = std::make_shared<store::KeyOwner const>(*std::move(owner));
    if (known_.size() >= known_max) known_.clear();
    if (forgotten == forgotten_) known_.insert_or_assign(std::move(hash), Known{shared, asked_at + cache_time, shared->key.last_used_at});
    co_return shared;
}

Task<> Keys::touch(std::string hash, Instant now) {
    auto* const used = known(hash);
    if (!used || !use_is_due(used->used_at, now)) co_return;                       // another request was first
    used->used_at = now;
    co_await write_use(store_, used->owner->key.id, now);
}

Result<> in_good_standing(model::Tenant const& tenant) {
    if (tenant.status == model::TenantStatus::suspended) return refuse("this tenant is suspended", "tenant_suspended");
    if (tenant.status == model::TenantStatus::disabled) return refuse("this tenant is disabled", "tenant_disabled");
    return {};
}

Result<> allowed(store::KeyOwner const& owner, std::string_view method, std::optional<model::Scope> scope) {
    if (!scope) return {};
    CHECK_OK(in_good_standing(owner.tenant));
    if (owner.tenant.status == model::TenantStatus::provisioning && method != "GET")
        return refuse("this tenant is being set up: reads only", "tenant_provisioning");
    if (std::ranges::find(owner.key.scopes, *scope) == owner.key.scopes.end())
        return refuse("this key lacks the scope " + std::string{name(*scope)}, "scope_missing");
    return {};
}

}  // namespace boni::api
