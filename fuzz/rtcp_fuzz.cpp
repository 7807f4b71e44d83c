// Reports from anybody: no crash, a round trip that is a time, and what we write ourselves is read back as it was meant.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "media/rtcp.hpp"

using namespace boni;
using namespace boni::media;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 8) return 0;
    Bytes const in{data, size};
    auto const ours = read32(in, 0), more = read32(in, 4);
    if (auto const heard = parse_rtcp(in.subspan(8), ours); heard && heard->block) {
        ENSURE(heard->block->ssrc == ours);
        if (auto const trip = round_trip_ms(*heard->block, Ntp{more} << 16)) ENSURE(std::isfinite(*trip) && *trip >= 0);
    }
    RtcpOut out{.ssrc = more, .cname = {reinterpret_cast<char const*>(data), std::min<std::size_t>(size, 64)}, .bye = (more & 1) != 0};
    if (more & 2) out.sender = SenderInfo{Ntp{ours} << 20, more, ours, more};
    if (more & 4) out.block = ReportBlock{ours, std::uint8_t(more), std::int32_t(more % 0x7f'ffff), more, ours, more, ours};
    std::array<std::uint8_t, 192> buffer;
    auto const written = write_rtcp(out, buffer);
    ENSURE(written <= buffer.size());
    auto const again = parse_rtcp(Bytes{buffer}.first(written), ours);
    ENSURE(again && again->ssrc == out.ssrc && again->bye == out.bye);
    ENSURE(again->sr_ntp.has_value() == out.sender.has_value() && again->block.has_value() == out.block.has_value());
    if (again->block) ENSURE(again->block->lost == out.block->lost && again->block->jitter == out.block->jitter);
    return 0;
}
