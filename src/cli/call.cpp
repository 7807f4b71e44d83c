#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>

#include "cli/shell/arguments.hpp"
#include "cli/softphone/expectations.hpp"
#include "cli/softphone/heard.hpp"
#include "cli/softphone/phone.hpp"
#include "cli/softphone/server.hpp"
#include "cli/softphone/unnamed_file.hpp"
#include "speech/decode.hpp"
#include "speech/espeak.hpp"
#include "speech/voice.hpp"

namespace boni::cli {

extern Command const call_command;

namespace {

/// As the flags give them; `plan_from` makes a plan of it.
struct Flags {
    std::string target, server = "127.0.0.1:5060", transport = "udp", ca_file, tls_name, from = "+919800000001";
    std::string wav, say, voice, dtmf, record, expect;
    double duration = 60, digits_after = 2, cancel_after = 0;
    bool json = false;
};

void declare(Arguments& arguments, Flags& flags) {
    auto const time = CLI::Range(0.0, 86'400.0).description("");
    arguments.add_option("target", flags.target, "number to call, or a whole sip: URI")->required();
    arguments.add_option("--sip", flags.server, "server's host:port")->capture_default_str();
    arguments.add_option("--transport", flags.transport, "udp, tcp or tls")->check(CLI::IsMember({"udp", "tcp", "tls"}))->capture_default_str();
    arguments.add_option("--ca-file", flags.ca_file, "trusted for TLS besides the system's");
    arguments.add_option("--tls-name", flags.tls_name, "name the server's certificate must have; default: what --sip says");
    arguments.add_option("--from", flags.from, "caller's number")->capture_default_str();
    arguments.add_option("--wav", flags.wav, "audio file to play once the call is answered");
    arguments.add_option("--say", flags.say, "text to speak once the call is answered");
    arguments.add_option("--voice", flags.voice, "language for --say, as hi-IN");
    arguments.add_option("--dtmf", flags.dtmf, "digits to press, as 1,2 or 12#; w waits a second");
    arguments.add_option("--digits-after", flags.digits_after, "seconds from the answer to the first digit")->check(time)->capture_default_str();
    arguments.add_option("--record", flags.record, "WAV file: heard on the left, said on the right");
    arguments.add_option("--duration", flags.duration, "seconds after the answer until we hang up")->check(time)->capture_default_str();
    arguments.add_option("--cancel-after", flags.cancel_after, "seconds after the INVITE until we give up unanswered")->check(time);
    arguments.add_option("--expect", flags.expect, "what must hold, separated by commas:\n" + expectation_words());
    arguments.add_flag("--json", flags.json, "one JSON object per line instead of text");
}

Result<std::string> file_bytes(std::string const& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream bytes;
    if (!in || !(bytes << in.rdbuf())) return fail(Errc::invalid, "cannot read " + path, "wav");
    return std::move(bytes).str();
}

Result<media::Clip> sound(Flags const& flags) {
    if (!flags.wav.empty()) {
        TRY(auto const bytes, file_bytes(flags.wav));
        return speech::decode(bytes);
    }
    if (flags.say.empty()) return media::Clip{};
    TRY(auto const voice, speech::espeak_voice(flags.voice));
    TRY(auto const bytes, speech::espeak("espeak-ng", voice, flags.say));
    return speech::decode(bytes);
}

Result<CallPlan> plan_from(Flags const& flags, Server const& server) {
    CallPlan plan;
    plan.target = flags.target;
    plan.server = server.address;
    plan.transport = *from_name<sip::Transport>(flags.transport);
    plan.ca_file = flags.ca_file;
    plan.tls_name = flags.tls_name.empty() ? server.name : flags.tls_name;
    plan.from = flags.from;
    for (auto const key : flags.dtmf) {
        if (key == ',' || key == ' ') continue;
        if (std::string_view{"0123456789*#ABCDw"}.find(key) == std::string_view::npos)
            return fail(Errc::invalid, fmt::format("--dtmf: '{}' is not a key", key), "dtmf");
        plan.digits.push_back(key);
    }
    auto const ms = [](double seconds) { return std::chrono::milliseconds{static_cast<long long>(seconds * 1000)}; };
    plan.digits_after = ms(flags.digits_after);
    plan.hang_up_after = ms(flags.duration);
    if (flags.cancel_after > 0) plan.cancel_after = ms(flags.cancel_after);
    plan.record = flags.record;
    TRY(plan.say, sound(flags));
    return plan;
}

std::string plain(json::value const& value) {
    if (value.is_string()) return std::string{value.as_string()};
    if (value.is_double()) return fmt::format("{:.2f}", value.as_double());
    return json::serialize(value);
}

void show(json::object line, bool as_json) {
    if (as_json) {
        std::cout << json::serialize(line) << std::endl;
        return;
    }
    auto text = fmt::format("{:8.3f}s  {:<16}", double(json::integer(line, "ms").value_or(0)) / 1000, std::string_view{line["event"].as_string()});
    for (auto const& [key, value] : line)
        if (key != "ms" && key != "event") text += fmt::format(" {}={}", std::string_view{key}, plain(value));
    std::cout << text << std::endl;
}

json::object summary(CallReport const& report, std::vector<std::int16_t> const& heard) {
    json::array parts;
    for (auto const& one : stretches(heard))
        parts.push_back(json::object{{"fromMs", one.from.count()}, {"untilMs", one.until.count()}, {"dbov", int(one.level_dbov)}});
    auto const& quality = report.quality;
    return {{"ms", report.lasted.count()}, {"event", "summary"}, {"answered", report.answered}, {"ringMs", report.to_ringing.count()},
            {"answerMs", report.to_answer.count()}, {"talkedMs", report.talked.count()}, {"heard", std::move(parts)},
            {"packetsReceived", quality.packets_received}, {"packetsSent", quality.packets_sent}, {"lost", quality.lost},
            {"jitterMs", quality.jitter_ms}, {"mos", quality.mos}};
}

int judge(CallReport const& report, std::vector<std::int16_t> const& heard, std::vector<Expectation> const& wanted, bool as_json) {
    auto held = true;
    for (auto const& one : wanted) {
        auto const holds = one.holds(report, heard);
        held = held && holds;
        show({{"ms", report.lasted.count()}, {"event", "expect"}, {"what", one.text}, {"holds", holds}}, as_json);
    }
    if (!report.reached) return exit_unreachable;
    if (!wanted.empty()) return held ? exit_ok : exit_failed;
    return report.answered ? exit_ok : exit_refused;
}

int run_call(std::span<char const* const> args) {
    Arguments arguments{call_command};
    Flags flags;
    declare(arguments, flags);
    if (auto const over = arguments.read(args)) return *over;
    auto const usage = [](Error const& error) { return failed("call", error), int(exit_usage); };
    auto const wanted = expectations(flags.expect);
    if (!wanted) return usage(wanted.error());
    auto const server = find_server(flags.server);
    if (!server && server.error().code == Errc::invalid) return usage(server.error());
    if (!server) return (failed("call", server.error()), int(exit_unreachable));
    auto plan = plan_from(flags, *server);
    if (!plan) return usage(plan.error());
    std::optional<UnnamedFile> unnamed;   // what is heard is judged even where it is not kept
    if (plan->record.empty()) {
        auto made = UnnamedFile::make();
        if (!made) return failed("call", made.error());
        plan->record = unnamed.emplace(*std::move(made)).path();
    }

    auto const report = call(std::move(*plan), [&](json::object line) { show(std::move(line), flags.json); });
    if (!report) return failed("call", report.error());
    std::vector<std::int16_t> heard;
    if (!report->recording.empty())
        if (auto samples = received_side(report->recording)) heard = std::move(*samples);
    show(summary(*report, heard), flags.json);
    auto const judged = judge(*report, heard, *wanted, flags.json);
    auto const kept = flags.record.empty() || !report->answered || !report->recording.empty();
    return kept ? judged : failed("call", {Errc::unavailable, flags.record + " could not be written"});
}

}  // namespace

extern Command const call_command{"call", "places a real call with the built-in softphone and shows what happens",
                                  "boni call +918040000001 --dtmf 1 --expect answered,speech", run_call};

}  // namespace boni::cli
