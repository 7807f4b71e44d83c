// One stream under a fake clock: packets by hand, ticks by hand, everything it did in one place.
#pragma once

#include <string>

#include "media/stream.hpp"
#include "support/fake_clock.hpp"
#include "support/tone.hpp"

namespace boni::test {

struct StreamStage {
    FakeClock clock;
    media::Stream stream{clock.now(), clock.steady()};
    media::Actions actions;
    std::vector<media::OutPacket> rtp, rtcp;
    std::vector<media::PortEvent> events;
    std::uint64_t index = 0;
    Address peer = *Address::parse("192.0.2.1", 4000);
    std::uint32_t ssrc = 0xabcd, timestamp = 5'000;
    std::uint16_t sequence = 1;

    media::PortConfig config(std::vector<media::PayloadMap> payloads = {{0, "PCMU", 8000}, {101, "telephone-event", 8000}}) const {
        return {.remote = peer, .payloads = std::move(payloads)};
    }
    void start(media::PortConfig config) {
        stream.configure(config, clock.steady(), actions);
        collect();
    }
    void start() { start(config()); }

    void receive(std::uint8_t type, std::span<std::uint8_t const> payload, std::uint32_t at, Address from) {
        std::vector<std::uint8_t> bytes(media::rtp_header_size + payload.size());
        media::write_rtp({.type = type, .sequence = sequence++, .timestamp = at, .ssrc = ssrc}, bytes);
        std::ranges::copy(payload, bytes.begin() + media::rtp_header_size);
        stream.receive_rtp(bytes, from, clock.steady(), actions);
        collect();
    }
    /// 20 ms of u-law from the peer.
    void audio(std::span<std::int16_t const> samples) { audio(samples, peer); }
    void audio(std::span<std::int16_t const> samples, Address from) {
        std::vector<std::uint8_t> codes(samples.size());
        media::find_codec("PCMU")->encode(samples, codes);
        receive(0, codes, timestamp, from);
        timestamp += std::uint32_t(samples.size());
    }
    void event(char key, std::uint32_t at, int duration, bool end) {
        std::array<std::uint8_t, 4> payload{std::uint8_t(media::event_keys.find(key)), std::uint8_t(end ? 0x8a : 0x0a)};
        media::write16(payload, 2, std::uint16_t(duration));
        receive(101, payload, at, peer);
    }
    void ticks(int count) {
        for (; count > 0; --count) {
            clock.advance(20ms);
            stream.tick(index++, clock.steady(), actions);
            collect();
        }
    }
    /// A peer that talks, or at least sends, all the time.
    void talk(int frames, double amplitude = 10'000) {
        for (; frames > 0; --frames) {
            auto const at = std::size_t(timestamp);
            auto samples = tone(500, 160 + at % 16, amplitude);
            audio(std::span{samples}.last(160));
            ticks(1);
        }
    }
    void collect() {
        for (auto const& packet : actions.packets) (packet.rtcp ? rtcp : rtp).push_back(packet);
        for (auto const& report : actions.reports) events.push_back(report.event);
        actions.clear();
    }

    template <class T>
    std::vector<T> all() const {
        std::vector<T> out;
        for (auto const& event : events)
            if (auto const* const found = std::get_if<T>(&event)) out.push_back(*found);
        return out;
    }
    std::string digits() const {
        std::string out;
        for (auto const& digit : all<media::Digit>()) out += digit.key;
        return out;
    }
    /// What left as u-law.
    std::vector<std::int16_t> said() const {
        std::vector<std::int16_t> out;
        for (auto const& packet : rtp) {
            auto const parsed = *media::parse_rtp(packet.view());
            if (parsed.header.type != 0) continue;
            auto const start = out.size();
            out.resize(start + parsed.payload.size());
            media::find_codec("PCMU")->decode(parsed.payload, std::span{out}.subspan(start));
        }
        return out;
    }
};

}  // namespace boni::test
