// The contract of a file in src/stream/dialects/: how one vendor's bots are spoken to. Pure; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/json.hpp"
#include "stream/content_type.hpp"

namespace boni::stream {

constexpr int frame_ms = 20;             ///< of audio, as it is captured

enum class Track : std::uint8_t { inbound, outbound };   ///< what the caller says, what the caller hears
std::string_view name(Track track);

/// Who and what a stream is about; the same in every message of it.
struct Subject {
    std::string stream, call, tenant;    ///< ids
    std::string from, to, direction, channel, number, route, traceparent;
    json::object parameters;             ///< strings the customer attached to the route
    std::vector<Track> tracks;
    ContentType type;
};

// What we say. `sequence` is the message's number, from 1 on `start`.
struct Media {
    Track track;
    std::uint64_t chunk;                 ///< from 1; counts the track's captured frames, or messages of more of them
    std::uint64_t at;                    ///< ms since the stream began
    std::string payload;                 ///< raw
};

struct Speech {
    bool began;                          ///< or it ended
    std::uint64_t at;                    ///< ms since the stream began
};
struct Backlog {
    std::string_view state;              ///< "low", "empty"
    std::uint64_t queued_ms;             ///< of the peer's audio, not played yet
};

// What we hear.
namespace incoming {
struct Audio { std::string payload; };   ///< raw
struct Mark { std::string name; };
struct Clear {};
struct Ignored { std::string_view why; };   ///< a word for the timeline: invalid_json, invalid_base64, unknown_event, ...
}  // namespace incoming
using Incoming = std::variant<incoming::Audio, incoming::Mark, incoming::Clear, incoming::Ignored>;

/// Messages only for peers that have asked for them (`events=boni`): not every client knows them.
struct Extras {
    /// Something the peer sent had no effect.
    std::string (*error)(Subject const& subject, std::uint64_t sequence, std::string_view code);
    std::string (*vad)(Subject const& subject, std::uint64_t sequence, Speech const& speech);
    std::string (*buffer)(Subject const& subject, std::uint64_t sequence, Backlog const& backlog);
};

struct Dialect {
    std::string_view name;
    int message_ms;                      ///< of audio in a message, a multiple of `frame_ms`; the last one may have less
    bool l16_only;                       ///< no other encoding, and it need not be named
    std::string (*connected)();
    std::string (*start)(Subject const& subject, std::uint64_t sequence, bool reconnected);
    std::string (*media)(Subject const& subject, std::uint64_t sequence, Media const& media);
    std::string (*dtmf)(Subject const& subject, std::uint64_t sequence, char digit);
    std::string (*mark)(Subject const& subject, std::uint64_t sequence, std::string_view name, std::uint64_t played_ms);
    std::string (*stop)(Subject const& subject, std::uint64_t sequence, std::string_view reason);
    Extras const* extras;                ///< null where no client expects any
    /// Lenient: what cannot be used is `Ignored`.
    Incoming (*parse)(std::string_view text);
};

/// A string as JSON writes it, quotes included.
std::string as_json(std::string_view text);
/// What all vendors' bots say alike; the first of `events` that a message has is its event. Of a message nothing is built that is not used: it has up to
/// 1 MiB, and so a hundred thousand members perhaps.
Incoming understood(std::string_view text, std::initializer_list<std::string_view> events);

/// Generated from src/stream/dialects/, sorted by name.
std::span<Dialect const* const> all_dialects();
Dialect const* find_dialect(std::string_view name);

}  // namespace boni::stream
