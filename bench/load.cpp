// Callers and a customer's server in one process, against a running boni: what a call costs and how long its steps take.
// Each of N slots waits a random moment, calls, hears a menu, presses two digits, hears the answer, and is hung up over the API; again and again.
// With --drain-pid the server is told to stop meanwhile: nobody may be dropped before its limit, and every event must still come.
// tools/load.py starts both sides on cores of their own and adds the server's CPU and memory.
#include <algorithm>
#include <iostream>
#include <csignal>
#include <set>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "http/server.hpp"
#include "media/engine.hpp"
#include "media/sdp.hpp"
#include "sip/endpoint.hpp"
#include "signals.hpp"
#include "target.hpp"

using namespace boni;

namespace {

using std::chrono::duration;
using Signal = std::variant<sip::Signal, media::PortEvent>;

constexpr auto digits = "42";
constexpr std::uint32_t pause_max_ms = 1'000;        // between two calls of a slot
constexpr auto step_max = 15s;                 // for any single thing the server owes us
constexpr std::size_t named_max = 20;          // failed calls of the report, for a look at their timelines

struct Options : bench::Target {
    int calls = 100;
    double seconds = 120, talk = 10, ramp = 10;
    int drain_pid = 0;                         // 0: it is not stopped
    double drain_at = 0, drain_limit = 0;      // seconds
};

/// What became of the calls there were when the server was told to stop, and of those that came later.
struct Drain {
    std::optional<Steady> since;
    int live = 0, ended_themselves = 0, ended_at_limit = 0, refused = 0;
    std::vector<double> limit_after;           // ms from SIGTERM to the BYE
};

/// What is known of one call, by its caller's number: that is how its control requests find it.
struct Known {
    Steady invited{};
    std::string call_id;
    bool asked = false, digits_right = false, audio = false, answered = false;
    std::set<std::int64_t> sequences;
    int terminals = 0;
    std::string failure;
};

struct Figures {
    std::vector<double> to_ringing, to_control, to_bye;   // ms
    double talked = 0;                                    // s
};

double ms(Steady::duration time) { return duration<double, std::milli>{time}.count(); }

json::object percentiles(std::vector<double> values) {
    std::ranges::sort(values);
    auto const at = [&](double share) { return values.empty() ? 0.0 : values[std::min(values.size() - 1, std::size_t(share * double(values.size())))]; };
    return {{"n", values.size()}, {"p50", at(.5)}, {"p90", at(.9)}, {"p99", at(.99)}, {"max", values.empty() ? 0.0 : values.back()}};
}

class Load {
  public:
    explicit Load(Options options)
        : options_{std::move(options)}, server_address_{*Address::parse_host_port(options_.sip)},
          endpoint_{{.listen = *Address::parse("127.0.0.1", 0), .vet = [](Address const&) { return true; }}, system_clock(), io_.get_executor()},
          engine_{{.port_first = 20'000, .port_last = 31'999, .threads = 1, .bind_address = "127.0.0.1", .pin_threads = false}, io_.get_executor()},
          resolver_{io_.get_executor()}, client_{io_.get_executor(), policy_, resolver_},
          customer_{io_.get_executor(), system_clock(), {.listen = *Address::parse("127.0.0.1", 0)}, [this](http::Request& request) { return serve(request); }} {}

    int run();

  private:
    Task<> everything();
    Task<> slot(int index, Steady until);
    Task<> one_call(std::string from);
    Task<> stop_server();
    bool cut_off(Known& known, sip::Ending const& ending, Steady now);
    Task<> hang_up(std::string call_id);
    Task<http::Response> serve(http::Request& request);
    Task<> api(std::string method, std::string path, json::object body);
    json::object report() const;

    Options options_;
    Address server_address_;
    asio::io_context io_{1};
    sip::Endpoint endpoint_;
    media::Engine engine_;
    egress::Policy policy_{.allow_loopback = true};
    egress::DnsResolver resolver_;
    egress::HttpClient client_;
    http::Server customer_;
    std::map<std::string, Known> calls_;              // by caller
    std::map<std::string, std::string> callers_;      // call id -> caller
    Figures figures_;
    Drain drain_;
    int live_ = 0;                                    // answered and not over
    int next_caller_ = 0;
    int running_ = 0;
    std::size_t orphans_ = 0;                         // events of calls we do not know
};

int Load::run() {
    if (auto const started = endpoint_.start(); !started) throw std::runtime_error(started.error().what);
    if (auto const started = customer_.start(); !started) throw std::runtime_error(started.error().what);
    spawn(io_.get_executor(), "load", everything());
    io_.run();
    auto const out = report();
    std::cout << json::serialize(out) << std::endl;
    return out.at("failed").as_int64() == 0 && out.at("lostEvents").as_int64() == 0 ? 0 : 1;
}

Task<> Load::everything() {
    auto const origin = "http://" + customer_.local().text();
    json::array events{"call.inbound.received", "call.ringing", "call.answered", "call.action.accepted", "call.no_answer", "call.completed", "call.failed"};
    co_await api("POST", "/webhook-endpoints", {{"url", origin + "/events"}, {"events", std::move(events)}});
    co_await api("PUT", "/numbers/" + options_.number_id + "/route", {{"primary", json::object{{"type", "control_webhook"}, {"url", origin + "/call"}}}});
    auto const until = system_clock().steady() + std::chrono::milliseconds{static_cast<long long>(options_.seconds * 1000)};
    for (auto index = 0; index < options_.calls; ++index) {
        ++running_;
        spawn(io_.get_executor(), "caller", slot(index, until));
        co_await wait_for(std::chrono::microseconds{static_cast<long long>(options_.ramp * 1e6 / options_.calls)});
    }
    if (options_.drain_pid != 0) spawn(io_.get_executor(), "drain", stop_server());
    while (running_ > 0) co_await wait_for(50ms);
    auto const all_told = [&] { return std::ranges::all_of(calls_, [](auto const& one) { return one.second.terminals > 0 || !one.second.failure.empty(); }); };
    for (auto waited = 0ms; !all_told() && waited < 15s; waited += 50ms) co_await wait_for(50ms);
    endpoint_.stop();
    customer_.stop();
    client_.close_idle();
    io_.stop();
}

Task<> Load::slot(int, Steady until) {
    while (system_clock().steady() < until && !drain_.since) {
        auto const from = "+9198" + std::to_string(10'000'000 + next_caller_++);
        co_await one_call(from);
        co_await wait_for(std::chrono::milliseconds{random_below(pause_max_ms)});   // calls do not come because others ended
    }
    --running_;
}

Task<> Load::stop_server() {
    co_await wait_for(std::chrono::milliseconds{static_cast<long long>(options_.drain_at * 1000)});
    drain_.live = live_;
    drain_.since = system_clock().steady();
    ::kill(options_.drain_pid, SIGTERM);
}

/// Whether the server's stop explains this end: 503 for one that comes too late, a BYE with Q.850 42 at the limit.
bool Load::cut_off(Known& known, sip::Ending const& ending, Steady now) {
    if (!drain_.since) return false;
    if (!known.answered && ending.sip_status == 503) return ++drain_.refused, true;
    auto const after = ms(now - *drain_.since);
    if (!known.answered || !ending.by_peer || ending.q850 != 42) return false;
    if (after < 1000 * options_.drain_limit - 50) known.failure = "dropped before the limit";
    ++drain_.ended_at_limit;
    drain_.limit_after.push_back(after);
    return true;
}

Task<> Load::one_call(std::string from) {
    auto& known = calls_[from];
    auto const inbox = std::make_shared<bench::Signals<Signal>>(io_.get_executor());   // shared: a call given up still ends, later
    auto port = engine_.open([inbox](media::PortEvent event) { inbox->push(std::move(event)); });
    if (!port) {
        known.failure = "no local port";
        co_return;
    }
    media::SdpState sdp;
    sip::Dial dial{.request_uri = "sip:" + options_.number + '@' + options_.sip, .from_user = from, .next_hop = server_address_};
    dial.offer = media::make_offer((*port)->local(), {}, sdp);
    known.invited = system_clock().steady();
    auto const session = endpoint_.dial(std::move(dial));
    endpoint_.listen(session, [inbox](sip::Signal signal) { inbox->push(std::move(signal)); });

    auto started = false, ringing = false, over = false, pressed = false, asked_to_end = false, cut = false;
    Steady answered_at{}, hangup_asked{};
    auto const connect = [&](std::string const& text) {
        auto config = media::accept_answer(text, sdp);
        if (!config) return known.failure = "bad SDP answer", void();
        if (started) (*port)->update(*config);
        else (*port)->start(*config);
        started = true;
    };
    while (!over) {
        auto const waited = co_await inbox->next(known.answered ? std::chrono::steady_clock::duration{100ms} : step_max);
        auto const now = system_clock().steady();
        if (!waited && !known.answered) {
            known.failure = "no answer in 15 s";
            endpoint_.hangup(session, sip::Cause::normal);
            known.answered = true;   // wait for Ended like everybody
            answered_at = now;
            asked_to_end = true;
        }
        if (waited) {
            if (auto const* event = std::get_if<media::PortEvent>(&*waited)) {
                if (std::get_if<media::FirstPacket>(event)) known.audio = true;
            } else {
                auto const& signal = std::get<sip::Signal>(*waited);
                if (auto const* provisional = std::get_if<sip::signal::Provisional>(&signal)) {
                    if (!ringing && provisional->status == 180) figures_.to_ringing.push_back(ms(now - known.invited));
                    ringing = true;
                    if (!provisional->sdp.empty()) connect(provisional->sdp);
                } else if (auto const* yes = std::get_if<sip::signal::Answered>(&signal)) {
                    known.answered = true;
                    answered_at = now;
                    ++live_;
                    if (!yes->sdp.empty()) connect(yes->sdp);
                } else if (auto const* ended = std::get_if<sip::signal::Ended>(&signal)) {
                    over = true;
                    cut = cut_off(known, ended->ending, now);
                    if (cut) {}
                    else if (asked_to_end && hangup_asked != Steady{}) figures_.to_bye.push_back(ms(now - hangup_asked));
                    else if (known.failure.empty()) known.failure = "ended early: " + std::string{name(ended->ending.cause)};
                }
            }
        }
        if (known.answered && !pressed && known.audio && now - answered_at > 1500ms) {
            pressed = true;
            (*port)->send_digits(digits);
        }
        auto const talk = std::chrono::duration_cast<Steady::duration>(duration<double>{options_.talk});
        if (known.answered && !over && !asked_to_end && now - answered_at > talk) {
            asked_to_end = true;
            hangup_asked = now;
            spawn(io_.get_executor(), "hangup", hang_up(known.call_id));
        }
        if (known.answered && !over && now - answered_at > talk + step_max) {
            known.failure = "did not end";
            endpoint_.hangup(session, sip::Cause::normal);
            over = true;
        }
    }
    if (answered_at != Steady{}) --live_;
    if (drain_.since && answered_at != Steady{} && !cut) ++drain_.ended_themselves;
    if (answered_at != Steady{}) figures_.talked += ms(system_clock().steady() - answered_at) / 1000;
    auto const quality = co_await (*port)->close();
    if (cut) {
        if (answered_at == Steady{} && known.sequences.empty()) calls_.erase(from);   // it became no call
        co_return;
    }
    if (known.failure.empty() && !known.digits_right) known.failure = "digits did not arrive as pressed";
    if (known.failure.empty() && quality.level_dbov < -60) known.failure = "heard nothing";
}

Task<> Load::hang_up(std::string call_id) {
    co_await api("POST", "/calls/" + call_id + "/actions/hangup", {});
}

/// The customer's side: a menu, an answer, then a hold until the hang-up comes.
Task<http::Response> Load::serve(http::Request& request) {
    auto const body = request.json();
    if (!body) co_return http::text_response(400, body.error().what);
    auto const& data = body->at("data").as_object();
    if (request.path == "/events") {
        auto const caller = callers_.find(std::string{json::text(data, "callId").value_or("")});
        if (caller == callers_.end()) {
            // `received` may come before the control request has named the call.
            callers_[std::string{*json::text(data, "callId")}] = std::string{json::text(data, "from").value_or("")};
        }
        auto const known = calls_.find(callers_[std::string{*json::text(data, "callId")}]);
        if (known == calls_.end()) ++orphans_;
        else {
            known->second.sequences.insert(json::integer(data, "sequence").value_or(0));
            known->second.terminals += json::boolean(data, "final").value_or(false) ? 1 : 0;
        }
        co_return http::Response{.status = 204};
    }
    auto const& call = data.at("call").as_object();
    auto& known = calls_[std::string{*json::text(call, "from")}];
    auto const phase = *json::text(data, "phase");
    if (phase == "inbound") {
        figures_.to_control.push_back(ms(system_clock().steady() - known.invited));
        known.asked = true;
        known.call_id = *json::text(call, "id");
        callers_[known.call_id] = *json::text(call, "from");
        co_return http::ok(json::object{{"actions", json::array{json::object{{"action", "gather"}, {"numDigits", 2}, {"timeoutSeconds", 8}, {"finishOnKey", ""},
            {"prompt", json::object{{"text", "Welcome. Please press two keys of your phone now, thank you."}, {"voice", "en-IN"}}}}}}});
    }
    if (phase == "input") {
        auto const& last = data.at("last").as_object();
        known.digits_right = json::text(last, "digits") == digits;
        json::object const play{{"action", "play"}, {"text", "You pressed four and two. Somebody will be with you in a moment."}, {"voice", "en-IN"}};
        co_return http::ok(json::object{{"actions", json::array{play}}});
    }
    co_return http::json_response(202, json::object{{"waitMs", 30'000}});
}

Task<> Load::api(std::string method, std::string path, json::object body) {
    auto const answer = co_await options_.ask(client_, std::move(method), std::move(path), std::move(body));
    if (!answer) log_error("load", answer.error().what);
}

json::object Load::report() const {
    std::map<std::string, int> reasons;
    std::int64_t failed = 0, lost = 0;
    json::array named;
    for (auto const& [caller, known] : calls_) {
        if (!known.failure.empty()) {
            ++failed;
            ++reasons[known.failure];
            if (named.size() < named_max) named.push_back(json::object{{"callId", known.call_id}, {"from", caller}, {"why", known.failure}});
        }
        auto const gaps = known.sequences.empty() ? 1 : *known.sequences.rbegin() - std::int64_t(known.sequences.size());
        lost += gaps + (known.terminals == 1 ? 0 : 1);
    }
    json::object why;
    for (auto const& [reason, count] : reasons) why[reason] = count;
    json::object out{{"calls", calls_.size()}, {"failed", failed}, {"why", std::move(why)}, {"failedCalls", std::move(named)},
                     {"lostEvents", lost}, {"eventsOfUnknownCalls", orphans_},
            {"callSeconds", figures_.talked}, {"inviteToRingingMs", percentiles(figures_.to_ringing)},
            {"inviteToControlMs", percentiles(figures_.to_control)}, {"hangupToByeMs", percentiles(figures_.to_bye)}};
    if (drain_.since)
        out["drain"] = json::object{{"live", drain_.live}, {"endedThemselves", drain_.ended_themselves}, {"endedAtLimit", drain_.ended_at_limit},
                                    {"refused", drain_.refused}, {"limitAfterMs", percentiles(drain_.limit_after)}};
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Load for a running boni: callers and a customer's server in one process."};
    options.declare(app);
    app.add_option("--calls", options.calls, "calls at any time")->capture_default_str();
    app.add_option("--seconds", options.seconds, "how long new calls start")->capture_default_str();
    app.add_option("--talk", options.talk, "seconds from the answer to the hang-up")->capture_default_str();
    app.add_option("--ramp", options.ramp, "seconds over which the first calls start")->capture_default_str();
    app.add_option("--drain-pid", options.drain_pid, "the server's process: gets SIGTERM")->capture_default_str();
    app.add_option("--drain-at", options.drain_at, "seconds after the ramp until that")->capture_default_str();
    app.add_option("--drain-limit", options.drain_limit, "the server's drain limit in seconds")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return Load{std::move(options)}.run();
}
