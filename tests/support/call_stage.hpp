// A tenant, a number, a route and Calls on the fake platform: what tests of a call's life stand on.
#pragma once

#include <doctest/doctest.h>

#include "support/fake_clock.hpp"
#include "support/fake_platform.hpp"
#include "support/run_task.hpp"

namespace boni::test {

/// The decision that ends a call.
constexpr auto hang_up = R"({"type":"hangup"})";

class CallStage {
  public:
    Platform platform;
    SetClock clock;
    std::vector<call::Seen> seen;
    std::optional<call::Calls> calls;

    CallStage() {
        auto const key = std::string(32, 'k');
        calls.emplace(call::Services{platform.io.get_executor(), clock, *store_, sip_, media_, http_, policy_, prompts_, streams_,
                                     Secret{key}});
        calls->listen();
        calls->on_seen([this](call::Seen const& one) { seen.push_back(one); });
        store::Inbound in;
        in.tenant.id = TenantId::from("ten_1");
        in.tenant.control_secret = seal(key, std::string(32, 's'), "ten_1");
        in.number.id = NumberId::from("num_1");
        in.number.phone_number = "+918040000001";
        in.route = model::Route{.id = RouteId::from("route_1"), .number = in.number.id, .tenant = in.tenant.id,
                                .primary = webhook("https://ivr.customer-site.com/a")};
        platform.inbound = in;
    }

    static model::Target webhook(std::string url) { return {"control_webhook", {{"type", "control_webhook"}, {"url", url}}}; }
    static model::Target hang_up() { return {"hangup", {{"type", "hangup"}}}; }

    /// The customer's server: one answer after the other, the last one for ever. "503" answers with a status, "reset" with an error.
    void server(std::vector<std::string> answers) {
        platform.answer = [answers, next = std::size_t{0}](egress::HttpRequest const&) mutable -> Result<egress::HttpResponse> {
            auto const& answer = answers[std::min(next++, answers.size() - 1)];
            egress::HttpResponse response;
            if (answer == "reset") return fail(Errc::unavailable, "connection reset", {}, "reset");
            response.status = answer.size() == 3 ? std::stoi(answer) : answer.starts_with("hold") ? 202 : 200;
            response.body = answer.size() == 3 ? "" : answer.starts_with("hold") ? R"({"waitMs":)" + answer.substr(5) + "}" : answer;
            response.headers = {{"content-type", "application/json"}};
            return response;
        };
    }

    void invite(std::uint64_t id = 1, std::optional<std::string> offer = "usable", std::function<void(sip::Incoming&)> change = {}) {
        sip::Incoming call{.id = sip::SessionId{id}, .call_id = "a84b4c76", .source = *Address::parse("127.0.0.1", 5070), .offer = offer};
        call.calling.value = "+919876543210";
        call.x_headers = {{"X-Campaign", "diwali"}};
        call.received_at = std::chrono::steady_clock::now();
        if (change) change(call);
        platform.incoming(std::move(call));
    }
    void signal(sip::Signal one, std::uint64_t id = 1) { platform.sessions.at(id)(std::move(one)); }
    void end(sip::Ending ending) { signal(sip::signal::Ended{std::move(ending)}); }
    void bye() {
        sip::EndedBy by{sip::Method::bye, true, sip::Reason{"Q.850", 16, "Normal"}};
        end({.cause = sip::Cause::normal, .by_peer = true, .answered = true, .q850 = 16, .ended_by = std::move(by)});
    }
    void cancel() {
        sip::EndedBy by{sip::Method::cancel, true};
        end({.cause = sip::Cause::caller_cancelled, .by_peer = true, .sip_status = 487, .q850 = 16, .ended_by = std::move(by)});
    }

    /// Runs until `done`, at most 5 s.
    template <class Done>
    bool until(Done done) {
        return run_until(platform.io, std::move(done), 5s);
    }
    bool until_row(std::string_view event) {
        return until([&] { return std::ranges::any_of(seen, [&](call::Seen const& one) { return one.what == event; }); });
    }
    bool over(std::size_t calls_ended = 1) {
        return until([&] { return std::size_t(std::ranges::count_if(events(), is_final)) >= calls_ended && calls->live() == 0; });
    }

    Result<model::Action> act(std::string action, json::object request = {}) {
        std::optional<Result<model::Action>> done;
        spawn(platform.io.get_executor(), "test", perform(*this, std::move(action), std::move(request), done));
        REQUIRE(until([&] { return done.has_value(); }));
        return *done;
    }

    std::vector<json::object> events() const {
        std::vector<json::object> out;
        for (auto const& commit : platform.commits)
            for (auto const& event : commit.events) out.push_back(json::parse(event.body)->as_object());
        return out;
    }
    /// "1 call.inbound.received, 2 call.ringing, ..."
    std::string story() const {
        std::string out;
        for (auto const& event : events()) {
            if (!out.empty()) out += ", ";
            out += std::to_string(event.at("data").at("sequence").as_int64()) + ' ' + std::string{event.at("event_type").as_string()};
        }
        return out;
    }
    json::object last() const { return events().back().at("data").as_object(); }
    /// Details of the timeline rows of this name.
    std::vector<json::object> rows(std::string_view event) const {
        std::vector<json::object> out;
        for (auto const& commit : platform.commits)
            for (auto const& row : commit.rows)
                if (row.event == event) out.push_back(row.detail);
        return out;
    }
    /// `data` of the nth question.
    json::object question(std::size_t n) const { return json::parse(platform.requests.at(n).body)->at("data").as_object(); }

  private:
    static Task<> perform(CallStage& stage, std::string name, json::object body, std::optional<Result<model::Action>>& out) {
        auto const tenant = TenantId::from("ten_1");
        out = co_await stage.calls->perform(tenant, stage.platform.commits.at(0).call->id, std::move(name), std::move(body), "api",
                                            store::IdempotencyKey{tenant, "key", "print"});
    }
    static bool is_final(json::object const& event) { return event.at("data").as_object().contains("final"); }

    /// Nobody is asked: the fake client does not resolve.
    struct NoNames final : egress::Resolver {
        Task<Result<std::vector<Address>>> resolve(std::string) override { co_return fail(Errc::unavailable, "no names here", {}, "dns"); }
    };

    Pool pool_{1};
    NoNames names_;
    egress::Policy policy_;
    egress::HttpClient http_{platform.io.get_executor(), policy_, names_};
    sip::Endpoint sip_{{}, system_clock(), platform.io.get_executor()};
    media::Engine media_{{}, platform.io.get_executor()};
    std::unique_ptr<store::Store> store_ = *store::Store::open({}, platform.io.get_executor());
    speech::Prompts prompts_{{}, pool_, http_, system_clock()};
    stream::Streams streams_{policy_, platform.io.get_executor()};
};

}  // namespace boni::test
