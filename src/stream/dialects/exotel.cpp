// Exotel's voice streams (media-stream 8): snake_case names, every number a string, 100 ms of 16-bit samples in a message.
#include <fmt/format.h>

#include "base/crypto.hpp"
#include "stream/dialect.hpp"

namespace boni::stream {
namespace exotel {
namespace {

constexpr int message_ms = 100;
constexpr int digit_ms = 160;   // keys are told when they go down: nobody knows yet for how long

/// What every message but the first begins with.
std::string head(std::string_view event, Subject const& subject, std::uint64_t sequence) {
    return fmt::format(R"({{"event":"{}","sequence_number":"{}","stream_sid":"{}",)", event, sequence, subject.stream);
}

std::string connected() { return R"({"event":"connected"})"; }

std::string start(Subject const& subject, std::uint64_t sequence, bool) {
    auto const& type = subject.type;
    auto const kilobits = type.rate * int(type.bytes_per_sample()) * 8 / 1000;
    json::object const format{{"encoding", type.name()}, {"sample_rate", std::to_string(type.rate)}, {"bit_rate", std::to_string(kilobits) + "kbps"}};
    json::object const detail{{"stream_sid", subject.stream}, {"call_sid", subject.call}, {"account_sid", subject.tenant}, {"from", subject.from},
                              {"to", subject.to}, {"custom_parameters", subject.parameters}, {"media_format", format}};
    return head("start", subject, sequence) + R"("start":)" + json::serialize(detail) + '}';
}

std::string media(Subject const& subject, std::uint64_t sequence, Media const& media) {
    return head("media", subject, sequence) +
           fmt::format(R"("media":{{"chunk":"{}","timestamp":"{}","payload":"{}"}}}})", media.chunk, media.at, base64(media.payload));
}

std::string dtmf(Subject const& subject, std::uint64_t sequence, char digit) {
    return head("dtmf", subject, sequence) + fmt::format(R"("dtmf":{{"digit":"{}","duration":"{}"}}}})", digit, digit_ms);
}

std::string mark(Subject const& subject, std::uint64_t sequence, std::string_view name, std::uint64_t) {
    return head("mark", subject, sequence) + fmt::format(R"("mark":{{"name":{}}}}})", as_json(name));
}

std::string stop(Subject const& subject, std::uint64_t sequence, std::string_view reason) {
    return head("stop", subject, sequence) + fmt::format(R"("stop":{{"call_sid":"{}","account_sid":"{}","reason":"{}"}}}})", subject.call,
                                                         subject.tenant, reason == "call_ended" ? "callended" : "stopped");
}

Incoming parse(std::string_view text) { return understood(text, {"event", "Event"}); }

}  // namespace
}  // namespace exotel

extern Dialect const exotel_dialect{"exotel", exotel::message_ms, true, exotel::connected, exotel::start, exotel::media, exotel::dtmf,
                                    exotel::mark, exotel::stop, nullptr, exotel::parse};

}  // namespace boni::stream
