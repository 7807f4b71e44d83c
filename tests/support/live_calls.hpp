// Calls on the real parts: SQLite in a temporary folder, two SIP endpoints and RTP on loopback, a control server over TCP.
// The caller is the second endpoint with a media port of its own.
#pragma once

#include <doctest/doctest.h>

#include "base/crypto.hpp"
#include "call/call.hpp"
#include "media/sdp.hpp"
#include "speech/prompt.hpp"
#include "support/http_sink.hpp"
#include "support/temp_store.hpp"

namespace boni::test {

/// A phone on the other side: dials, hears, presses keys, hangs up.
class Caller {
  public:
    Caller(asio::io_context& io, media::Engine& media) : endpoint_{config(), system_clock(), io.get_executor()}, media_{media} {
        endpoint_.set_trunks({});
        REQUIRE(endpoint_.start());
    }

    void dial(Address const& to, std::string const& number) {
        auto opened = media_.open([this](media::PortEvent event) { on_media(event); }, "127.0.0.1");
        REQUIRE(opened);
        port = std::move(*opened);
        sip::Dial dial;
        dial.request_uri = "sip:" + number + "@" + to.text();
        dial.from_user = "+919876543210";
        dial.offer = media::make_offer(port->local(), preferences_, sdp_);
        dialled_at = std::chrono::steady_clock::now();
        session = endpoint_.dial(std::move(dial));
        endpoint_.listen(session, [this](sip::Signal signal) { on_sip(std::move(signal)); });
    }
    void hang_up() { endpoint_.hangup(session, sip::Cause::normal); }

    sip::SessionId session{};
    std::unique_ptr<media::Port> port;
    Steady dialled_at{};
    std::optional<Steady> rang_at;
    bool answered = false;
    bool heard = false;                                ///< the first RTP packet came
    std::optional<sip::Ending> ended;

  private:
    static sip::EndpointConfig config() {
        sip::EndpointConfig out;
        out.listen = *Address::parse("127.0.0.1", 0);
        out.vet = [](Address const&) { return true; };
        return out;
    }
    void on_media(media::PortEvent const& event) { heard = heard || std::holds_alternative<media::FirstPacket>(event); }
    void on_sip(sip::Signal signal) {
        if (std::holds_alternative<sip::signal::Provisional>(signal) && !rang_at) rang_at = std::chrono::steady_clock::now();
        if (auto const* const yes = std::get_if<sip::signal::Answered>(&signal)) {
            answered = true;
            auto const agreed = media::accept_answer(yes->sdp, sdp_);
            REQUIRE(agreed);
            port->start(*agreed);
        }
        if (auto const* const over = std::get_if<sip::signal::Ended>(&signal)) ended = over->ending;
    }

    sip::Endpoint endpoint_;
    media::Engine& media_;
    media::SdpPreferences preferences_;
    media::SdpState sdp_;
};

class LiveCalls {
  public:
    /// `script` answers what is asked about the calls.
    explicit LiveCalls(std::function<HttpSink::Reply()> script) {
        server.script = [script = std::move(script)](HttpSink::Post const&) { return script(); };
        auto opened = store::Store::open({.file = folder_.path / "boni.db"}, io.get_executor());
        REQUIRE(opened);
        store = std::move(*opened);
        calls.emplace(call::Services{io.get_executor(), system_clock(), *store, sip, media, http_, policy_, prompts_, streams_, Secret{key_}});
        calls->on_seen([this](call::Seen const& one) { seen.push_back(one); });
        calls->listen();
        sip.set_trunks({{.name = "carrier", .test = true, .addresses = {*sip::Cidr::parse("127.0.0.1/32")}}});
        REQUIRE(sip.start());
        seed();
    }

    asio::io_context io;
    HttpSink server{io};
    std::unique_ptr<store::Store> store;
    media::Engine media{{.threads = 1, .bind_address = "127.0.0.1", .pin_threads = false}, io.get_executor()};
    sip::Endpoint sip{listen_on_loopback(), system_clock(), io.get_executor()};
    std::optional<call::Calls> calls;
    std::vector<call::Seen> seen;
    std::string const secret = std::string(32, 's');   ///< the tenant's control secret
    TenantId tenant = TenantId::fresh(system_clock().now());

    template <class Done>
    bool until(Done done) {
        return run_until(io, std::move(done));
    }
    template <class T>
    T await(Task<T> task) {
        return test::run(io, std::move(task));
    }
    bool saw(std::string_view what) const {
        return std::ranges::any_of(seen, [&](call::Seen const& one) { return one.what == what; });
    }
    /// The number's route as `change` leaves it.
    void route(std::function<void(model::Route&)> change) {
        change(route_);
        REQUIRE(await(store->save_route(route_)));
    }
    /// An endpoint of the tenant that signs with `key`.
    model::WebhookEndpoint add_endpoint(std::string const& key) {
        auto const now = system_clock().now();
        model::WebhookEndpoint endpoint{.id = EndpointId::fresh(now), .tenant = tenant, .url = server.url(), .events = {"call.completed"}};
        endpoint.secret = seal(key_, key, endpoint.id.str());
        endpoint.created_at = endpoint.updated_at = now;
        REQUIRE(await(store->upsert_endpoint(endpoint, 1)));
        return endpoint;
    }
    /// The one call there was, as it is stored.
    model::Call stored() {
        auto const all = await(store->calls({.tenant = tenant}));
        REQUIRE(all);
        REQUIRE(all->size() == 1);
        return all->front();
    }

  private:
    struct NoNames final : egress::Resolver {
        Task<Result<std::vector<Address>>> resolve(std::string) override { co_return fail(Errc::unavailable, "no names here", {}, "dns"); }
    };

    static sip::EndpointConfig listen_on_loopback() {
        sip::EndpointConfig out;
        out.listen = *Address::parse("127.0.0.1", 0);
        return out;
    }
    void seed() {
        auto const now = system_clock().now();
        model::Tenant owner{.id = tenant, .key = "demo", .display_name = "Demo", .test = true, .created_at = now};
        owner.control_secret = seal(key_, secret, tenant.str());
        model::Number number{.id = NumberId::fresh(now), .tenant = tenant, .phone_number = "+918040000001", .created_at = now};
        route_ = {.id = RouteId::fresh(now), .number = number.id, .tenant = tenant};
        route_.primary = {"control_webhook", {{"type", "control_webhook"}, {"url", server.url()}, {"timeoutMs", 1000}}};
        route_.created_at = route_.updated_at = now;
        REQUIRE(await(store->create_tenant(owner)));
        REQUIRE(await(store->create_number(number)));
        REQUIRE(await(store->save_route(route_)));
    }

    TempFolder folder_;
    model::Route route_;
    std::string const key_ = std::string(32, 'k');
    Pool pool_{2};
    NoNames names_;
    egress::Policy policy_{.allow_loopback = true};
    egress::HttpClient http_{io.get_executor(), policy_, names_};
    speech::Prompts prompts_{{}, pool_, http_, system_clock()};
    stream::Streams streams_{policy_, io.get_executor()};
};

}  // namespace boni::test
