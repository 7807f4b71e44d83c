// Twilio Media Streams, message for message (media-stream 3 and 4): bots written for it run unchanged.
#include <fmt/format.h>

#include "base/crypto.hpp"
#include "stream/dialect.hpp"

namespace boni::stream {
namespace twilio {
namespace {

std::string connected() { return R"({"event":"connected","protocol":"Call","version":"1.0.0"})"; }

std::string start(Subject const& subject, std::uint64_t sequence, bool reconnected) {
    json::array tracks;
    for (auto const track : subject.tracks) tracks.emplace_back(name(track));
    auto parameters = subject.parameters;
    parameters["from_number"] = subject.from;
    parameters["to_number"] = subject.to;
    json::object boni{{"direction", subject.direction}, {"channel", subject.channel}, {"from", subject.from}, {"to", subject.to},
                      {"numberId", subject.number}, {"routeId", subject.route}, {"reconnected", reconnected},
                      {"traceparent", subject.traceparent}};
    json::object format{{"encoding", subject.type.name()}, {"sampleRate", subject.type.rate}, {"channels", 1}};
    json::object detail{{"accountSid", subject.tenant}, {"streamSid", subject.stream}, {"callSid", subject.call},
                        {"tracks", std::move(tracks)}, {"mediaFormat", std::move(format)},
                        {"customParameters", std::move(parameters)}, {"boni", std::move(boni)}};
    return json::serialize(json::object{{"event", "start"}, {"sequenceNumber", std::to_string(sequence)},
                                        {"streamSid", subject.stream}, {"start", std::move(detail)}});
}

std::string media(Subject const& subject, std::uint64_t sequence, Media const& media) {
    return fmt::format(R"({{"event":"media","sequenceNumber":"{}","streamSid":"{}","media":{{"track":"{}","chunk":"{}","timestamp":"{}","payload":"{}"}}}})",
                       sequence, subject.stream, name(media.track), media.chunk, media.at, base64(media.payload));
}

std::string dtmf(Subject const& subject, std::uint64_t sequence, char digit) {
    return fmt::format(R"({{"event":"dtmf","sequenceNumber":"{}","streamSid":"{}","dtmf":{{"track":"inbound_track","digit":"{}"}}}})",
                       sequence, subject.stream, digit);
}

std::string mark(Subject const& subject, std::uint64_t sequence, std::string_view name, std::uint64_t played_ms) {
    return fmt::format(R"({{"event":"mark","sequenceNumber":"{}","streamSid":"{}","mark":{{"name":{},"playedMs":{}}}}})",
                       sequence, subject.stream, as_json(name), played_ms);
}

std::string stop(Subject const& subject, std::uint64_t sequence, std::string_view reason) {
    return fmt::format(R"({{"event":"stop","sequenceNumber":"{}","streamSid":"{}","stop":{{"accountSid":"{}","callSid":"{}","reason":"{}"}}}})",
                       sequence, subject.stream, subject.tenant, subject.call, reason);
}

std::string error(Subject const& subject, std::uint64_t sequence, std::string_view code) {
    return fmt::format(R"({{"event":"boni.error","sequenceNumber":"{}","streamSid":"{}","error":{{"code":{}}}}})", sequence, subject.stream,
                       as_json(code));
}

std::string vad(Subject const& subject, std::uint64_t sequence, Speech const& speech) {
    return fmt::format(R"({{"event":"boni.vad","sequenceNumber":"{}","streamSid":"{}","vad":{{"speech":{},"timestamp":"{}"}}}})", sequence,
                       subject.stream, speech.began, speech.at);
}

std::string buffer(Subject const& subject, std::uint64_t sequence, Backlog const& backlog) {
    return fmt::format(R"({{"event":"boni.buffer","sequenceNumber":"{}","streamSid":"{}","buffer":{{"state":"{}","queuedMs":{}}}}})", sequence,
                       subject.stream, backlog.state, backlog.queued_ms);
}

constexpr Extras extras{error, vad, buffer};

Incoming parse(std::string_view text) { return understood(text, {"event"}); }

}  // namespace
}  // namespace twilio

extern Dialect const twilio_dialect{"twilio", frame_ms, false, twilio::connected, twilio::start, twilio::media, twilio::dtmf, twilio::mark,
                                    twilio::stop, &twilio::extras, twilio::parse};

}  // namespace boni::stream
