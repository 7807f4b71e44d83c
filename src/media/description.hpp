// What a peer wrote as SDP, as far as we need it (RFC 8866). Thread: any; values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "media/port_config.hpp"

namespace boni::media {

/// One m= section of theirs, as far as we need it.
struct Section {
    std::string media;                  ///< "audio", "video", ...
    unsigned port = 0;
    std::string protocol;
    std::vector<std::string> formats;
    std::optional<Address> address;     ///< its own c= line
    std::optional<Direction> direction;
    std::optional<int> ptime;
    std::optional<int> maxptime;
    std::optional<unsigned> rtcp_port;
    std::vector<PayloadMap> mapped;     ///< rtpmap lines

    bool usable() const { return media == "audio" && protocol == "RTP/AVP" && port != 0; }
};

struct Description {
    std::optional<Address> address;
    Direction direction = Direction::send_receive;
    std::vector<Section> sections;
};

/// A codec we know, with the payload type it has by RFC 3551 or the one we give it.
struct KnownCodec {
    std::string_view name;
    std::uint8_t type;
};
inline constexpr KnownCodec known_codecs[] = {{"PCMU", 0}, {"PCMA", 8}, {"CN", 13}, {"telephone-event", 101}};

/// Errc::invalid token "not_acceptable" (SIP 488): `why`, in words.
std::unexpected<Error> not_acceptable(std::string why);

/// Not acceptable: what is no SDP, longer than 16 KiB, or at an address that is no literal of one host.
Result<Description> read_description(std::string_view text);

/// Their formats as payload maps, static types without an rtpmap included (RFC 3551 6).
std::vector<PayloadMap> payloads_of(Section const& section);

}  // namespace boni::media
