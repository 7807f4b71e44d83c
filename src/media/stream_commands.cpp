// What the owner of a leg asks of its stream, and the leg's end.
#include "media/stream.hpp"

#include <algorithm>

namespace boni::media {

void Stream::play(Player::Item item, Actions& out) {
    auto const id = item.id;
    auto clip = item.clip;
    if (!stages_.player.push(std::move(item))) out.report(Played{.id = id}, std::move(clip));
}

void Stream::stop(PlayId id, Actions& out) {
    stages_.player.stop(id, stages_.ledger);
    settle(out);
}

void Stream::send_digits(std::string_view digits, Actions& out) {
    auto const events = stages_.packetiser.can_send_events();
    for (auto const key : digits) {
        auto const taken = events ? stages_.events.push(key) : event_keys.contains(key) && stages_.tones.push(key);
        if (!taken) continue;
        ++digits_waiting_;
        if (!events) stages_.toning = true;
    }
    if (digits_waiting_ == 0) out.report(DigitsSent{});   // none of them was a digit: there is nothing to wait for
}

void Stream::record(std::shared_ptr<Recording> recording) {
    stop_recording();
    stages_.recording = std::move(recording);
}

void Stream::stop_recording() {
    if (stages_.recording) stages_.recording->end();
    stages_.recording.reset();
}

void Stream::listen(std::shared_ptr<Tap> tap, std::uint64_t index) {
    index_ = index;
    if (stages_.taps.size() < stages_.taps.capacity()) stages_.taps.push_back(std::move(tap));
}

void Stream::unlisten(Tap const* tap) {
    auto const found = std::ranges::find(stages_.taps, tap, &std::shared_ptr<Tap>::get);
    if (found != stages_.taps.end()) stages_.taps.erase(found);
}

void Stream::close(Steady now, Actions& out) {
    stages_.packetiser.flush(latch_.target(), out);
    stages_.player.cut(stages_.ledger);
    settle(out);
    stop_recording();
    stages_.taps.clear();
    stages_.feed.reset();
    if (started_) {
        measure_.sample(elsewhere(), now);   // the unfinished one counts too: most short calls have no other
        send_report(true, now, out);
    }
    started_ = false;
    out.report(QualitySample{whole(), true});
}

void Stream::send_report(bool bye, Steady now, Actions& out) {
    auto const to = rtcp_target();
    if (to.port == 0 || out.packets.size() == out.packets.capacity()) return;
    auto const& sender = stages_.packetiser;
    auto& packet = out.packets.emplace_back();
    packet.to = to;
    packet.rtcp = true;
    packet.size = std::uint16_t(measure_.report({.timestamp = sender.timestamp(), .packets = sender.packets(), .octets = sender.octets(),
                                                 .recently = sender.packets() > 0 && now - last_sent_ < 10s}, bye, now, packet.bytes));
}

// Signalling named an address; symmetric RTP may have found another, and then RTCP is its neighbour until it shows itself.
Address Stream::rtcp_target() const {
    auto const& rtp = latch_.target();
    if (rtp == config_.remote) return config_.remote_rtcp;
    if (rtcp_source_.port != 0 && rtcp_source_.ip == rtp.ip) return rtcp_source_;
    auto next = rtp;
    ++next.port;
    return next;
}

Measure::Elsewhere Stream::elsewhere() const {
    auto const& jitter = stages_.playout.jitter();
    return {.packets_sent = stages_.packetiser.packets(), .late = jitter.late(), .buffer_ms = jitter.delay_ms(), .one_way = one_way_};
}

}  // namespace boni::media
