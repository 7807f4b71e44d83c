#include "admin/admin.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <unistd.h>

#include "admin/operation.hpp"
#include "api/auth.hpp"
#include "api/key_format.hpp"
#include "api/wrong_keys.hpp"
#include "base/ascii.hpp"
#include "base/bell.hpp"
#include "base/crypto.hpp"
#include "base/edit_distance.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"

namespace boni::admin {
namespace {

constexpr auto lookup_limit = 2s;
constexpr std::size_t worked_max = 10'000;       // hashes of keys; then they are forgotten, and a place that fails too often waits with its good ones

/// Root, ourselves, or somebody of our group: those who may write the socket anyway (mode 0660).
bool trusted(http::PeerCredentials const& peer) { return peer.uid == 0 || peer.uid == ::geteuid() || peer.gid == ::getegid(); }

/// Of a request, for the log, where telephone numbers are masked.
std::string masked_path(std::string_view path) {
    constexpr auto digits_min = 7uz;            // a plan may be called 2027
    std::string out;
    while (!path.empty()) {
        auto const end = std::min(path.find('/', 1), path.size());
        auto part = path.substr(1, end - 1);
        path.remove_prefix(end);
        if (part.starts_with("%2B") || part.starts_with("%2b")) part.remove_prefix(3);
        else if (part.starts_with('+')) part.remove_prefix(1);
        out += '/' + (part.size() >= digits_min && all_digits(part) ? masked('+' + std::string{part}) : std::string{part});
    }
    return out;
}

/// A parameter that is none was meant to be another: what it should have kept out would be in the answer.
Result<> only_parameters(http::Query const& query, std::string_view known) {
    std::vector<std::string> names;
    std::istringstream words{std::string{known}};
    for (std::string one; words >> one;) names.push_back(std::move(one));
    for (auto const& [name, value] : query) {
        if (std::ranges::find(names, name) != names.end()) continue;
        return wrong(as_utf8(name, 64), names.empty() ? std::string{"is no parameter: there are none here"} : "is no parameter here; " + meant(name, names));
    }
    return {};
}

bool writes(Operation const& operation) { return operation.method != "GET"; }

/// Writes wait for each other: most read a row, change what they were told and write it whole. Nobody leaves the queue before his turn.
class Turns {
  public:
    /// Whoever has had his turn calls `next`.
    Task<> mine() {
        auto const number = last_++;
        Bell called{co_await asio::this_coro::executor};
        waiting_[number] = &called;
        while (number != now_) co_await called.rung();
        waiting_.erase(number);
    }
    void next() {
        auto const found = waiting_.find(++now_);
        if (found != waiting_.end()) found->second->ring();
    }

  private:
    std::uint64_t last_ = 0, now_ = 0;
    std::map<std::uint64_t, Bell*> waiting_;
};

http::Response respond(Answer answer) {
    if (answer.whole) return *std::move(answer.whole);
    return http::json_response(answer.status, answer.body, std::move(answer.link));
}

}  // namespace

struct Admin::Inner {
    Services services;
    http::Router<Operation const*> router;
    Turns turns{};
    api::WrongKeys wrong_keys{services.clock, services.rate_limits, "a valid operator key is required in X-API-Key"};
    std::set<std::string> worked{};   // hashes of keys

    Task<Result<model::ApiKey>> authenticate(http::Request const& request);
    Task<http::Response> perform(Admin& admin, http::Request& request, Operator who);
    Task<http::Response> answer(Asked& asked, Operation const& operation);
};

Admin::Admin(Services services) : inner_{std::make_unique<Inner>(Inner{std::move(services), {}})} {
    for (auto const operations : {tenant_operations(), key_operations(), number_operations(), route_operations(), number_request_operations(),
                                  whatsapp_operations(), price_operations(), trunk_operations(), webhook_operations(), audit_operations(),
                                  cdr_operations(), team_operations(), ladder_operations()})
        for (auto const& operation : operations) inner_->router.add(operation.method, operation.path, &operation);
}

Admin::~Admin() = default;

Task<http::Response> Admin::local(http::Request& request) {
    if (!request.peer || !trusted(*request.peer)) {
        log_warning("admin", "a stranger on the admin socket", {{"uid", request.peer ? std::to_string(request.peer->uid) : "?"}});
        co_return http::problem({Errc::forbidden, "the admin socket is for root and the platform's own user and group", {}, "forbidden"}, request);
    }
    Operator who{.name = "uid " + std::to_string(request.peer->uid), .source = "admin socket, pid " + std::to_string(request.peer->pid)};
    co_return co_await inner_->perform(*this, request, std::move(who));
}

Task<http::Response> Admin::remote(http::Request& request) {
    auto const key = co_await inner_->authenticate(request);
    if (!key) {
        auto answer = http::problem(key.error(), request);
        if (answer.status == 401) answer.headers.set("WWW-Authenticate", "ApiKey");
        co_return answer;
    }
    co_return co_await inner_->perform(*this, request, {.name = key->prefix, .key = key->id, .source = request.remote.text()});
}

/// Not cached: the operator asks seldom, and a revocation counts at once.
Task<Result<model::ApiKey>> Admin::Inner::authenticate(http::Request const& request) {
    auto const shown = request.headers.count("X-API-Key") == 1 ? request.headers.get("X-API-Key") : std::nullopt;
    if (!shown || !api::well_formed(*shown)) co_return std::unexpected(wrong_keys.refusal(request));
    auto const hash = sha256_hex(*shown);
    // Behind a proxy all have one address.
    if (!wrong_keys.patient(request) && !worked.contains(hash)) co_return std::unexpected(api::WrongKeys::too_many());
    CO_TRY(auto const owner, co_await within(lookup_limit, services.store.key_by_hash(hash)));
    auto const now = services.clock.now();
    auto const usable = owner && owner->key.operator_key && !owner->key.revoked_at && (!owner->key.expires_at || *owner->key.expires_at > now);
    if (!usable) {
        worked.erase(hash);
        co_return std::unexpected(wrong_keys.refusal(request));
    }
    if (worked.size() >= worked_max) worked.clear();
    worked.insert(hash);
    if (api::use_is_due(owner->key.last_used_at, now))   // nobody waits for it: a disk that is full keeps no operator out
        spawn(co_await asio::this_coro::executor, "admin", api::write_use(services.store, owner->key.id, now));
    co_return owner->key;
}

Task<http::Response> Admin::Inner::perform(Admin& admin, http::Request& request, Operator who) {
    // An operator who hangs up does not undo half of an effect: what began is finished and logged.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto const found = router.find(request);
    if (!found) co_return http::not_routed(found.error(), request);
    auto const& operation = ***found;
    if (auto const known = only_parameters(request.query, operation.parameters); !known) co_return http::problem(known.error(), request);
    auto const name = std::string{operation.method} + ' ' + std::string{operation.path};
    Asked asked{.admin = admin, .services = services, .request = request, .who = std::move(who), .operation = name, .now = services.clock.now()};
    if (!writes(operation)) co_return co_await answer(asked, operation);
    CO_TRY_HTTP(asked.body, request.json());
    co_await turns.mine();
    http::Response response;
    std::exception_ptr escaped;
    try {
        response = co_await answer(asked, operation);
    } catch (...) {
        escaped = std::current_exception();
    }
    turns.next();
    if (escaped) std::rethrow_exception(escaped);
    log_info("admin", "an operator's write", {{"operation", name}, {"path", masked_path(request.path)}, {"status", std::to_string(response.status)},
                                              {"who", asked.who.name}, {"request_id", request.id}});
    co_return response;
}

/// A write that succeeded is in the operator's log before anybody hears of it; most committed their row with their effect.
Task<http::Response> Admin::Inner::answer(Asked& asked, Operation const& operation) {
    auto said = co_await operation.run(asked);
    if (said && writes(operation) && !asked.logged)
        if (auto const done = co_await services.store.add_audit(asked.entry({})); !done) co_return http::problem(done.error(), asked.request);
    co_return said ? respond(*std::move(said)) : http::problem(said.error(), asked.request);
}

Task<Result<>> Admin::apply_trunks() { return admin::apply_trunks(inner_->services); }

Task<Result<model::Tenant>> tenant_of(Asked& asked) {
    CO_TRY(auto tenant, co_await tenant_called(asked, asked.param("tenant")));
    asked.tenant = tenant.id;
    co_return tenant;
}

Task<Result<model::Tenant>> tenant_called(Asked& asked, std::string word) {
    auto const id = TenantId::from(word);
    if (id.valid()) co_return co_await asked.services.store.tenant(id);
    co_return co_await asked.services.store.tenant_by_key(std::move(word));
}

Answer list(json::array rows) { return {.body = json::object{{"data", std::move(rows)}}}; }

api::Listing listing_of(Asked const& asked, api::Filters filters) {
    return {asked.request, asked.services.master_key.reveal(), "operator", {}, asked.now, filters};
}

Answer page_answer(api::Listing const& listing, json::array rows, std::optional<api::Position> const& next) {
    auto answer = list(std::move(rows));
    if (!next) return answer;
    auto more = api::next_page(listing, *next);
    answer.body->as_object()["nextCursor"] = std::move(more.cursor);
    answer.link = std::move(more.link);
    return answer;
}

}  // namespace boni::admin
