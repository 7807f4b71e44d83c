// Datagrams from anybody on a leg that is up: RTP, RFC 4733, comfort noise and RTCP, with time passing in between.
// Input: per datagram one byte of what it is, two bytes of length, its bytes.
#include "media/stream.hpp"

using namespace boni;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto now = Steady{std::chrono::hours{1}};
    media::Stream stream{Instant{}, now};
    media::Actions actions;
    auto const peer = *Address::parse("192.0.2.1", 4000);
    auto const stranger = *Address::parse("203.0.113.9", 9);
    media::PortConfig config{.remote = peer, .payloads = {{0, "PCMU", 8000}, {8, "PCMA", 8000}, {101, "telephone-event", 8000}}};
    std::uint64_t index = 0;
    auto tick = [&] {
        now += 20ms;
        stream.tick(index++, now, actions);
        ENSURE(actions.packets.size() <= 3);   // one frame per tick, and RTCP now and then
        actions.clear();
    };
    for (media::Bytes in{data, size}; in.size() >= 3;) {
        auto const kind = in[0];
        auto const length = std::min<std::size_t>(media::read16(in, 1) % 1600, in.size() - 3);
        auto const bytes = in.subspan(3, length);
        in = in.subspan(3 + length);
        if (index == 0) {
            if (kind & 0x40) config.payloads.pop_back();   // then tones are listened for
            stream.configure(config, now, actions);
            actions.clear();
        }
        auto const& from = kind & 0x10 ? stranger : peer;
        if (kind & 0x20) stream.receive_rtcp(bytes, from, now, actions);
        else stream.receive_rtp(bytes, from, now, actions);
        actions.clear();
        for (auto ticks = kind & 0x0f; ticks >= 0; --ticks) tick();
    }
    stream.close(now, actions);
    ENSURE(!actions.reports.empty());
    return 0;
}
