#include "media/stream.hpp"

namespace boni::media {
namespace {

constexpr auto one_way_after = 5s;
constexpr std::uint8_t comfort_noise_type = 13;   // static (RFC 3551), never negotiated by us, understood from everybody

}  // namespace

Stream::Stream(Instant wall, Steady now) : measure_{stages_.packetiser.ssrc(), wall, now} { stages_.level = &measure_.level; }

void Stream::configure(PortConfig const& config, Steady now, Actions& out) {
    payloads_ = {};
    payloads_[comfort_noise_type].kind = Payload::Kind::noise;
    Codec const* codec = nullptr;
    std::uint8_t type = 0;
    std::optional<std::uint8_t> event_type;
    for (auto const& map : config.payloads) {
        auto& payload = payloads_[map.type & 0x7f];
        if (map.codec == "telephone-event") {
            payload = {Payload::Kind::event};
            if (!event_type) event_type = map.type;
        } else if (map.codec == "CN") {
            payload = {Payload::Kind::noise};
        } else if (auto const* const known = find_codec(map.codec)) {
            payload = {Payload::Kind::audio, known};
            if (codec == nullptr) {
                codec = known;
                type = map.type;
            }
        }
    }
    // What is buffered belongs to the old address and format: it leaves first.
    stages_.packetiser.configure(codec, type, event_type, std::size_t(config.ptime.count()) * 8, latch_.target(), out);
    stages_.listen_for_tones = !event_type;
    auto const talked = talks();
    config_ = config;
    if (config_.remote_rtcp.port == 0 && config_.remote.port != 0) {
        config_.remote_rtcp = config_.remote;
        ++config_.remote_rtcp.port;
    }
    latch_.signalled(config_.remote, now);
    auto const first = !std::exchange(started_, true);
    if (first) measure_.start(now);
    if (first || (!talked && talks())) last_any_ = last_rtp_ = now;   // the quiet of a hold or before the answer was no silence
    settle(out);
}

void Stream::receive_rtp(Bytes bytes, Address const& from, Steady now, Actions& out) {
    auto const packet = started_ ? parse_rtp(bytes) : std::nullopt;
    if (!packet) return;
    auto const& payload = payloads_[packet->header.type];
    if (!plausible(payload, packet->payload)) {
        if (latch_.accepts_rtcp(from)) heard_something(now, out);   // a sign of life, as those of a muted telephone (RFC 6263 4)
        return;
    }
    switch (latch_.judge(from, packet->header.ssrc, now)) {
        case Latch::Verdict::refused: ++measure_.spoofed; return;
        case Latch::Verdict::latched: out.report(FirstPacket{from}); break;
        case Latch::Verdict::relatched: out.report(SourceChanged{from}); break;
        case Latch::Verdict::accepted: break;
    }
    last_rtp_ = now;
    heard_something(now, out);
    auto const order = measure_.reception.receive(packet->header, payload.kind != Payload::Kind::event, now);
    if (order == Reception::Order::duplicate || !receives()) return;
    Jitter::Arrival arrival{.kind = Jitter::Kind::other, .header = packet->header};
    auto const stray = order == Reception::Order::stray;
    auto const late = order == Reception::Order::late || (stray && packet->header.ssrc == measure_.reception.ssrc());
    if (payload.kind == Payload::Kind::event) event_packet(*packet, late, now, out);
    if (stray) return;
    arrival.anew = order == Reception::Order::restarted;
    if (payload.kind == Payload::Kind::audio) {
        arrival.kind = Jitter::Kind::audio;
        arrival.payload = packet->payload;
        arrival.codec = payload.codec;
    } else if (payload.kind == Payload::Kind::noise) {
        arrival.kind = Jitter::Kind::noise;
        arrival.level = packet->payload[0] & 0x7f;
    }
    stages_.playout.insert(arrival, now);
    for (auto const& tap : stages_.taps)
        if (tap->arrived(arrival, index_, now)) out.wake = &tap->waker();
}

bool Stream::plausible(Payload const& payload, Bytes bytes) const {
    switch (payload.kind) {
        case Payload::Kind::none: return false;
        case Payload::Kind::event: return bytes.size() >= 4;
        case Payload::Kind::noise: return !bytes.empty();
        case Payload::Kind::audio: return bytes.size() <= Jitter::payload_max && payload.codec->samples(bytes.size()) > 0;
    }
    return false;
}

void Stream::event_packet(RtpPacket const& packet, bool late, Steady now, Actions& out) {
    auto const heard = events_.receive(packet.payload, packet.header.timestamp, late, now);
    if (heard.began) stages_.player.digit(stages_.ledger);   // a prompt stops when the key goes down
    for (auto i = 0uz; i < heard.count; ++i) digit(heard.keys[i], Digit::Path::rtp_event, heard.since[i], now, out);
    tell_key(out);
}

void Stream::tell_key(Actions& out) {
    if (std::exchange(key_held_, events_.sounding()) != key_held_) out.report(KeyHeld{key_held_});
}

void Stream::digit(char key, Digit::Path path, Steady down, Steady now, Actions& out) {
    if (!gate_.passes(key, path, down, now)) return;
    stages_.player.digit(stages_.ledger);
    out.report(Digit{.key = key, .path = path, .at = now});
}

void Stream::signalled_digit(char key, Steady now, Actions& out) {
    if (key >= 'a' && key <= 'd') key = char(key - 'a' + 'A');
    if (event_keys.contains(key)) digit(key, Digit::Path::signalling, now, now, out);
    settle(out);
}

void Stream::receive_rtcp(Bytes packet, Address const& from, Steady now, Actions& out) {
    if (!started_ || !latch_.accepts_rtcp(from)) return;
    auto const in = parse_rtcp(packet, stages_.packetiser.ssrc());
    if (!in) return;
    rtcp_source_ = from;
    heard_something(now, out);
    measure_.received(*in, now);
}

void Stream::heard_something(Steady now, Actions& out) {
    last_any_ = now;
    if (std::exchange(lost_, false)) out.report(MediaBack{});
}

void Stream::tick(std::uint64_t index, Steady now, Actions& out) {
    if (!started_) return;
    index_ = index;
    auto const packets = stages_.packetiser.packets();
    auto const heard = run_pipeline(
        stages_, {.index = index, .now = now, .to = latch_.target(), .sends = sends(), .receives = receives(), .talks = talks()}, out);
    if (stages_.packetiser.packets() != packets) last_sent_ = now;
    if (auto const key = events_.poll(now)) digit(*key, Digit::Path::rtp_event, events_.since(), now, out);
    tell_key(out);
    if (heard.tone != 0) digit(heard.tone, Digit::Path::in_band, now, now, out);
    if (heard.digits_sent) out.report(DigitsSent{std::exchange(digits_waiting_, 0)});
    settle(out);
    watch_silence(now, out);
    if (measure_.sample_due(now)) out.report(QualitySample{measure_.sample(elsewhere(), now)});
    if (measure_.report_due(now)) send_report(false, now, out);
}

void Stream::skip(std::uint64_t ticks, Actions& out) {
    if (!started_) return;
    stages_.packetiser.flush(latch_.target(), out);
    stages_.packetiser.pause(ticks * frame_samples);
    settle(out);
}

void Stream::watch_silence(Steady now, Actions& out) {
    one_way_ = talks() && sends() && now - last_rtp_ >= one_way_after;
    auto const limit = talks() ? config_.silence_max : config_.hold_silence_max;
    if (lost_ || now - last_any_ < limit) return;
    lost_ = true;
    out.report(MediaLost{std::chrono::duration_cast<std::chrono::milliseconds>(now - last_any_)});
}

void Stream::settle(Actions& out) {
    while (auto settled = stages_.ledger.settle(stages_.packetiser.sent()))
        out.report(Played{.id = settled->id, .heard = std::chrono::milliseconds{settled->heard / 8}, .finished = settled->finished},
                   std::move(settled->clip));
}

}  // namespace boni::media
