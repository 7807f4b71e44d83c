// What the audio of a stream looks like on the wire: the contract's `contentType` (media-stream 1). Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace boni::stream {

constexpr std::string_view default_content_type = "audio/x-mulaw;rate=8000";

struct ContentType {
    enum class Encoding : std::uint8_t { mulaw, alaw, l16 } encoding = Encoding::mulaw;
    int rate = 8000;                     ///< Hz
    std::string dialect = "twilio";
    bool extra_events = false;           ///< `events=boni`: messages that not every client knows

    std::string_view name() const;       ///< "audio/x-mulaw"
    std::string text() const;            ///< "audio/x-mulaw;rate=8000"
    std::size_t bytes_per_sample() const { return encoding == Encoding::l16 ? 2 : 1; }
    bool operator==(ContentType const&) const = default;
};

/// Names in any case, spaces around ';'. Without a type it is that of the dialect, where that has only one.
/// Errc::invalid, token `invalid_value`; `field` is the caller's.
Result<ContentType> parse_content_type(std::string_view text, std::string_view field);

}  // namespace boni::stream
