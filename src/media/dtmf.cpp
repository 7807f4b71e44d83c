#include "media/dtmf.hpp"

#include "media/codec.hpp"

namespace boni::media {
namespace {

constexpr std::uint32_t ends_last = 3 * frame_samples;   // the three end packets all tell the same duration

}  // namespace

EventReceiver::Heard EventReceiver::receive(Bytes payload, std::uint32_t timestamp, bool late, Steady now) {
    Heard heard;
    if (payload.size() < 4 || payload[0] >= event_keys.size()) return heard;
    Event packet{.key = payload[0], .timestamp = timestamp, .duration = read16(payload, 2)};
    auto const end = (payload[1] & 0x80) != 0;
    auto complete = [&](Event const& which) {
        heard.since[heard.count] = since_;
        heard.keys[heard.count++] = event_keys[which.key];
    };

    if (state_ != State::idle && !continues(packet, end)) {
        if (late && std::int32_t(timestamp - event_.timestamp) <= 0) return heard;   // a straggler of an event that is over
        if (of_the_one_before(packet)) return heard;
        if (state_ == State::sounding) complete(event_);
        before_ = event_;
        state_ = State::idle;
    }
    if (state_ == State::idle) {
        heard.began = true;
        since_ = now;
        state_ = State::sounding;
    }
    if (state_ == State::ended) packet.duration = std::max(packet.duration, event_.duration);
    event_ = packet;
    if (state_ == State::ended) return heard;
    last_ = now;
    if (end) {
        state_ = State::ended;
        complete(event_);
    }
    return heard;
}

// A key held past 65535 units goes on under a new timestamp, without an end in between (RFC 4733 2.5.1.3). And some gateways move the
// timestamp with every packet, by as much as the key has been down since; no key goes down again so soon.
bool EventReceiver::continues(Event const& packet, bool end) const {
    if (packet.key != event_.key) return false;
    auto const age = packet.timestamp - event_.timestamp;
    if (age == 0) return true;
    if (state_ == State::ended) return end && packet.duration == event_.duration && age < event_.duration;
    if (event_.duration >= 0xf000 && age <= 0xffff) return true;
    return packet.duration >= event_.duration && age <= std::uint32_t(packet.duration - event_.duration) + ends_last;
}

// Its digit is told already. A press under the timestamp of one before, as a clock that stands still gives it, begins with a short duration.
bool EventReceiver::of_the_one_before(Event const& packet) {
    if (!before_ || packet.key != before_->key || packet.timestamp != before_->timestamp || packet.duration < before_->duration) return false;
    before_->duration = packet.duration;
    return true;
}

std::optional<char> EventReceiver::poll(Steady now) {
    if (state_ != State::sounding || now - last_ < event_end_after) return {};
    state_ = State::ended;
    return event_keys[event_.key];
}

bool DigitGate::passes(char key, Digit::Path path, Steady down, Steady up) {
    auto const again = key == key_ && path != path_ && down - up_ < 100ms && down_ - up < 100ms;
    if (again) return false;
    key_ = key;
    path_ = path;
    down_ = down;
    up_ = up;
    return true;
}

bool EventSender::push(char key) {
    auto const event = event_keys.find(key >= 'a' && key <= 'd' ? char(key - 'a' + 'A') : key);
    if (event == std::string_view::npos || count_ == queue_.size()) return false;
    queue_[(head_ + count_++) % queue_.size()] = std::uint8_t(event);
    return true;
}

EventSender::Step EventSender::step(std::uint32_t timestamp) {
    constexpr unsigned tone_steps = 5, end_repeats = 2, all_steps = 8;
    if (count_ == 0) return {};
    if (step_ == 0) timestamp_ = timestamp;
    Step out;
    if (step_ < tone_steps + end_repeats) {
        auto const end = step_ + 1 >= tone_steps;
        auto const duration = std::uint16_t(std::min(step_ + 1, tone_steps) * frame_samples);
        out.packet.emplace(Packet{.marker = step_ == 0, .timestamp = timestamp_});
        out.packet->payload = {queue_[head_], std::uint8_t((end ? 0x80 : 0) | 10), 0, 0};   // -10 dBm0
        write16(out.packet->payload, 2, duration);
    }
    if (++step_ == all_steps) {
        step_ = 0;
        head_ = (head_ + 1) % queue_.size();
        out.finished = --count_ == 0;
    }
    return out;
}

}  // namespace boni::media
