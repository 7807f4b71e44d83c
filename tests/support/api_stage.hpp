// The whole API in process: a real database in a temporary folder, calls on the fake SIP and media, and a clock turned by hand.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include "api/api.hpp"
#include "api/key_format.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_platform.hpp"
#include "support/run_task.hpp"
#include "support/temp_store.hpp"

namespace boni::test {

struct Answered {
    http::Response response;
    json::object body;                                 ///< empty when there is none

    int status() const { return response.status; }
    std::string error() const { return json::text_or_empty(body, "error"); }
    std::string field() const { return json::text_or_empty(json::array_at(body, "details")->at(0).as_object(), "field"); }
    std::string header(std::string_view name) const { return std::string{response.headers.get(name).value_or("")}; }
    std::string text(std::string_view name) const { return json::text_or_empty(body, name); }
    json::array const& data() const { return body.at("data").as_array(); }
};

class ApiStage {
    struct Names final : egress::Resolver {
        Task<Result<std::vector<Address>>> resolve(std::string name) override {
            asked.push_back(name);
            if (name == "hooks.customer-site.com") co_return std::vector{*Address::parse("93.184.216.34", 0)};
            if (name == "inside.customer-site.com") co_return std::vector{*Address::parse("10.0.0.1", 0)};
            co_return fail(Errc::unavailable, "no such name", {}, "dns");
        }
        std::vector<std::string> asked;
    };
    TempFolder folder_;

  public:
    Platform platform;
    FakeClock clock;
    egress::Policy policy{.allow_loopback = true};
    Names names;                                       ///< hooks.customer-site.com is public, inside.customer-site.com is not

  private:
    Pool pool_{1};
    egress::HttpClient http_{platform.io.get_executor(), policy, names};
    sip::Endpoint sip_{{}, clock, platform.io.get_executor()};
    media::Engine media_{{}, platform.io.get_executor()};
    speech::Prompts prompts_{{}, pool_, http_, clock};
    stream::Streams streams_{policy, platform.io.get_executor()};
    /// Takes connections and never answers: a call whose webhook it is rings until the budget is spent.
    asio::ip::tcp::acceptor silent_{platform.io, {asio::ip::address_v4::loopback(), 0}};

  public:
    std::unique_ptr<store::Store> store;
    std::optional<call::Calls> calls;
    std::optional<api::Api> api;
    std::string const master_key = std::string(32, 'k');
    model::Tenant tenant;
    model::Number number;
    std::string key;                                   ///< sent with every request
    Address from = *Address::parse("127.0.0.1", 40000);

    explicit ApiStage(api::ApiConfig config = {}) {
        auto opened = store::Store::open({.file = folder_.path / "boni.db"}, platform.io.get_executor());
        REQUIRE(opened);
        store = std::move(*opened);
        auto const control = platform.io.get_executor();
        calls.emplace(call::Services{control, clock, *store, sip_, media_, http_, policy, prompts_, streams_, Secret{master_key}});
        calls->listen();
        api.emplace(std::move(config), api::Services{clock, *store, *calls, http_, policy, pool_, Secret{master_key}});
        tenant = add_tenant("demo", [](model::Tenant&) {});
        key = add_key(tenant.id, {});
        number = add_number(tenant.id, "+918040000001");
    }
    /// Live calls are ended first: what they hold belongs to the platform.
    ~ApiStage() {
        if (calls->live() == 0) return;
        auto ended = false;
        spawn(platform.io.get_executor(), "test", drain(*calls, ended));
        until([&] { return ended; });
    }
    ApiStage(ApiStage const&) = delete;

    model::Tenant add_tenant(std::string name, std::function<void(model::Tenant&)> change) {
        auto made = tenant_row(std::move(name), tick());
        made.control_secret = seal(master_key, std::string(32, 's'), made.id.str());
        change(made);
        ok(store->create_tenant(made));
        return made;
    }
    void change_tenant(std::function<void(model::Tenant&)> change) {
        change(tenant);
        ok(store->update_tenant(tenant));
        clock.advance(6s);                             // older than any cached key
    }
    /// A key as its owner has it.
    std::string add_key(TenantId owner, std::function<void(model::ApiKey&)> change) {
        auto const made = api::make_key(api::KeyKind::live);
        model::ApiKey row{.id = KeyId::fresh(tick()), .tenant = owner, .name = "test", .prefix = made.prefix, .hash = made.hash};
        row.scopes = {model::Scope::read, model::Scope::recordings, model::Scope::actions, model::Scope::write};
        row.created_at = clock.now();
        if (change) change(row);
        ok(store->create_key(row));
        return made.shown;
    }
    model::Number add_number(TenantId owner, std::string phone) {
        auto made = number_row({.id = owner}, std::move(phone), tick());
        ok(store->create_number(made));
        return made;
    }
    std::string silent_url() const { return "http://127.0.0.1:" + std::to_string(silent_.local_endpoint().port()) + "/"; }
    /// An INVITE to the number; the call rings while its webhook thinks.
    CallId ring() {
        REQUIRE(put("/v1/numbers/" + number.id.str() + "/route",
                    R"({"primary":{"type":"control_webhook","timeoutMs":10000,"url":")" + silent_url() + "\"}}").status() == 200);
        sip::Incoming invite{.id = sip::SessionId{1}, .call_id = "a84b4c76", .source = *Address::parse("127.0.0.1", 5070), .offer = "usable"};
        invite.did_candidates = {number.phone_number};
        invite.calling.value = "+919876543210";
        invite.received_at = std::chrono::steady_clock::now();
        platform.incoming(std::move(invite));
        std::vector<model::Call> ringing;
        REQUIRE(until([&] {
            ringing = ok(store->calls({.tenant = tenant.id, .status = model::CallStatus::ringing}));
            return !ringing.empty();
        }));
        return ringing.front().id;
    }

    /// One request as the HTTP server hands it over; `headers` besides X-API-Key, which is left out when `key` is empty.
    Answered ask(std::string method, std::string target, std::string body = "", http::Headers headers = {}) {
        http::Request request{.method = std::move(method), .headers = std::move(headers), .body = std::move(body), .remote = from,
                              .id = RequestId::fresh(clock.now()).str()};
        REQUIRE(http::read_target(request, target));
        if (!key.empty()) request.headers.add("X-API-Key", key);
        if (!request.body.empty() && !request.headers.has("Content-Type")) request.headers.add("Content-Type", "application/json");
        Answered answered{run(api->handle(request)), {}};
        CHECK(answered.header("X-Request-Id") == request.id);
        if (!answered.response.body.empty()) answered.body = json::parse(answered.response.body)->as_object();
        if (answered.status() >= 400) CHECK(answered.text("requestId") == request.id);
        return answered;
    }
    Answered get(std::string target) { return ask("GET", std::move(target)); }
    Answered post(std::string target, std::string body = "", std::string idempotency_key = "") {
        return ask("POST", std::move(target), std::move(body), keyed(idempotency_key));
    }
    Answered put(std::string target, std::string body, std::string idempotency_key = "") {
        return ask("PUT", std::move(target), std::move(body), keyed(idempotency_key));
    }

    template <class T>
    T run(Task<T> task) {
        return test::run(platform.io, std::move(task));
    }
    template <class T>
    T ok(Task<Result<T>> task) {
        auto result = run(std::move(task));
        REQUIRE_MESSAGE(result, (result ? "" : result.error().what));
        if constexpr (!std::is_void_v<T>) return *std::move(result);
    }
    template <class Done>
    bool until(Done done) {
        return run_until(platform.io, std::move(done));
    }

  private:
    static http::Headers keyed(std::string const& idempotency_key) {
        http::Headers headers;
        if (!idempotency_key.empty()) headers.add("Idempotency-Key", idempotency_key);
        return headers;
    }
    static Task<> drain(call::Calls& calls, bool& ended) {
        co_await calls.drain(0ms);
        ended = true;
    }
    /// No two rows of one instant, so that orders are certain.
    Instant tick() {
        clock.advance(1ms);
        return clock.now();
    }
};

}  // namespace boni::test
