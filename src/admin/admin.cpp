#include "admin/admin.hpp"

#include <unistd.h>

#include "admin/operation.hpp"
#include "api/key_format.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"

namespace boni::admin {
namespace {

constexpr auto lookup_limit = 2s;

/// Root, ourselves, or somebody of our group: those who may write the socket anyway (mode 0660).
bool trusted(http::PeerCredentials const& peer) { return peer.uid == 0 || peer.uid == ::geteuid() || peer.gid == ::getegid(); }

Error unauthorized() { return {Errc::unauthorized, "a valid operator key is required in X-API-Key", {}, "unauthorized"}; }

http::Response respond(Answer answer) {
    if (answer.body) return http::json_response(answer.status, *answer.body);
    return http::Response{.status = answer.status};
}

}  // namespace

struct Admin::Inner {
    Services services;
    http::Router<Operation const*> router;

    Task<Result<>> authenticate(http::Request const& request);
    Task<http::Response> perform(Admin& admin, http::Request& request, std::string_view who);
};

Admin::Admin(Services services) : inner_{std::make_unique<Inner>(Inner{std::move(services), {}})} {
    for (auto const operations : {tenant_operations(), key_operations(), number_operations(), number_request_operations(), whatsapp_operations(),
                                  price_operations(), trunk_operations(), webhook_operations()})
        for (auto const& operation : operations) inner_->router.add(operation.method, operation.path, &operation);
}

Admin::~Admin() = default;

Task<http::Response> Admin::local(http::Request& request) {
    if (!request.peer || !trusted(*request.peer)) {
        log_warning("admin", "a stranger on the admin socket", {{"uid", request.peer ? std::to_string(request.peer->uid) : "?"}});
        co_return http::problem({Errc::forbidden, "the admin socket is for root and the platform's own user and group", {}, "forbidden"}, request);
    }
    co_return co_await inner_->perform(*this, request, "socket");
}

Task<http::Response> Admin::remote(http::Request& request) {
    if (auto const known = co_await inner_->authenticate(request); !known) {
        auto answer = http::problem(known.error(), request);
        if (answer.status == 401) answer.headers.set("WWW-Authenticate", "ApiKey");
        co_return answer;
    }
    co_return co_await inner_->perform(*this, request, "listener");
}

/// Not cached: the operator asks seldom, and a revocation counts at once.
Task<Result<>> Admin::Inner::authenticate(http::Request const& request) {
    auto const shown = request.headers.count("X-API-Key") == 1 ? request.headers.get("X-API-Key") : std::nullopt;
    if (!shown || !api::well_formed(*shown)) co_return std::unexpected(unauthorized());
    CO_TRY(auto const owner, co_await within(lookup_limit, services.store.key_by_hash(sha256_hex(*shown))));
    auto const now = services.clock.now();
    auto const usable = owner && owner->key.operator_key && !owner->key.revoked_at && (!owner->key.expires_at || *owner->key.expires_at > now);
    if (!usable) co_return std::unexpected(unauthorized());
    co_return Result<>{};
}

/// Every write is logged: who came through which door and did what. Bodies are not, they may hold secrets.
Task<http::Response> Admin::Inner::perform(Admin& admin, http::Request& request, std::string_view who) {
    auto const found = router.find(request);
    if (!found) co_return http::not_routed(found.error(), request);
    Asked asked{admin, services, request, services.clock.now()};
    if (request.method != "GET" && request.method != "HEAD") {
        CO_TRY_HTTP(asked.body, request.json());
    }
    auto answer = co_await (**found)->run(asked);
    auto response = answer ? respond(*std::move(answer)) : http::problem(answer.error(), request);
    if (request.method != "GET" && request.method != "HEAD")
        log_info("admin", "an operator's write", {{"method", request.method}, {"path", request.path}, {"status", std::to_string(response.status)},
                                                  {"door", std::string{who}}, {"request_id", request.id}});
    co_return response;
}

Task<Result<>> Admin::apply_trunks() { return admin::apply_trunks(inner_->services); }

Task<Result<model::Tenant>> tenant_of(Asked& asked) {
    auto const word = asked.param("tenant");
    auto const id = TenantId::from(word);
    if (id.valid()) co_return co_await asked.services.store.tenant(id);
    co_return co_await asked.services.store.tenant_by_key(word);
}

Answer list(json::array rows) { return {.body = json::object{{"data", std::move(rows)}}}; }

}  // namespace boni::admin
