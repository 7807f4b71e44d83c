// RTCP compounds (RFC 3550 6): SR or RR, SDES with CNAME, BYE; and what a peer's reports say about us. Thread: any; pure.
#pragma once

#include <optional>
#include <string_view>

#include "media/packet.hpp"

namespace boni::media {

/// The seconds of 1900 in the upper half, their fraction in the lower.
using Ntp = std::uint64_t;
inline std::uint32_t middle(Ntp ntp) { return std::uint32_t(ntp >> 16); }

struct SenderInfo {
    Ntp ntp = 0;
    std::uint32_t rtp_timestamp = 0, packets = 0, octets = 0;
};

struct ReportBlock {
    std::uint32_t ssrc = 0;              ///< the source it speaks about
    std::uint8_t fraction_lost = 0;      ///< of 256, since the last report
    std::int32_t lost = 0;               ///< cumulative, 24 bits signed
    std::uint32_t highest = 0;           ///< extended sequence number
    std::uint32_t jitter = 0;            ///< timestamp units
    std::uint32_t last_sr = 0;           ///< middle of the NTP time of the last SR; 0: none
    std::uint32_t since_last_sr = 0;     ///< 1/65536 s
};

struct RtcpOut {
    std::uint32_t ssrc = 0;
    std::optional<SenderInfo> sender;    ///< none: a receiver report
    std::optional<ReportBlock> block;
    std::string_view cname;              ///< at most 64 characters
    bool bye = false;
};

/// Bytes written; `out` holds at least 192.
std::size_t write_rtcp(RtcpOut const& report, std::span<std::uint8_t> out);

struct RtcpIn {
    std::uint32_t ssrc = 0;              ///< of the peer
    std::optional<Ntp> sr_ntp;           ///< it sent an SR
    std::optional<ReportBlock> block;    ///< what it says about `our_ssrc`
    bool bye = false;
};

/// Nothing for what is no valid compound: it begins with SR or RR and its lengths add up (RFC 3550 A.2).
std::optional<RtcpIn> parse_rtcp(Bytes packet, std::uint32_t our_ssrc);

/// Round trip from a block about us that arrived at `now`; nothing when the peer has not seen an SR of ours.
std::optional<double> round_trip_ms(ReportBlock const& block, Ntp now);

}  // namespace boni::media
