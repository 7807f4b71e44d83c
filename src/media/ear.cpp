#include "media/ear.hpp"

#include <algorithm>

namespace boni::media {
namespace {

constexpr std::int64_t conceal_max = sample_hz / 10;   // what the concealer can make up; a longer loss is a hole
constexpr int restart = 3000;                       // packets: no loss is so long, the sender counts anew
constexpr std::uint64_t ahead_max = 50;             // ticks: nobody talks faster than time for more than a second

/// Signed distance in a counter that wraps.
std::int32_t between(std::uint32_t from, std::uint32_t to) { return std::int32_t(to - from); }

}  // namespace

bool Ear::arrived(Jitter::Arrival const& arrival, std::uint64_t tick, Steady now) {
    now_tick_ = tick;
    now_ = now;
    auto const sequence = arrival.header.sequence;
    if (!began_ || arrival.anew || arrival.header.ssrc != ssrc_ || std::abs(std::int16_t(sequence - next_)) > restart) begin(arrival.header);
    auto const ahead = std::int16_t(sequence - next_);
    if (ahead < 0 || (ahead > 0 && waiting(sequence).taken && waiting(sequence).arrival.header.sequence == sequence)) return false;
    auto const had = frame_tick_;
    while (std::int16_t(sequence - next_) >= std::int16_t(waiting_max)) {
        if (waiting_count_ == 0) {
            missed_ = true;
            next_ = sequence;
        } else {
            skip_missing();
        }
    }
    if (sequence != next_) {
        keep(arrival, now);
    } else {
        hear(arrival);
        let_go();
    }
    return frame_tick_ != had;
}

bool Ear::tick(std::uint64_t tick, std::chrono::milliseconds patience, Steady now) {
    now_tick_ = tick;
    now_ = now;
    if (waiting_count_ == 0) return false;
    auto const tired = [&](Waiting const& one) { return one.taken && now - one.since >= patience; };
    if (std::ranges::none_of(waiting_, tired)) return false;
    auto const had = frame_tick_;
    skip_missing();
    return frame_tick_ != had;
}

void Ear::begin(RtpHeader const& header) {
    flush();
    began_ = true;
    speaking_ = missed_ = false;
    ssrc_ = header.ssrc;
    next_ = header.sequence;
    waiting_count_ = 0;
    for (auto& one : waiting_) one.taken = false;
}

void Ear::keep(Jitter::Arrival const& arrival, Steady now) {
    auto& place = waiting(arrival.header.sequence);
    place.taken = true;
    place.arrival = arrival;
    place.since = now;
    place.body = bodies_.keep(arrival.payload);
    ++waiting_count_;
}

void Ear::let_go() {
    while (waiting_count_ > 0 && waiting(next_).taken) {
        auto& place = waiting(next_);
        place.taken = false;
        --waiting_count_;
        if (bodies_.holds(place.body)) {
            place.arrival.payload = bodies_.at(place.body);
            hear(place.arrival);
        } else {
            missed_ = true;
            ++next_;
        }
    }
}

/// Some packet waits.
void Ear::skip_missing() {
    missed_ = true;
    while (!waiting(next_).taken) ++next_;
    let_go();
}

void Ear::hear(Jitter::Arrival const& arrival) {
    ++next_;
    auto const missed = std::exchange(missed_, false);
    if (arrival.kind != Jitter::Kind::audio) {
        missed_ = missed;
        return;
    }
    std::array<std::int16_t, Jitter::payload_max> decoded;
    auto samples = std::span{decoded}.first(arrival.codec->samples(arrival.payload.size()));
    arrival.codec->decode(arrival.payload, samples);
    auto const timestamp = arrival.header.timestamp;
    auto const waited = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - heard_at_).count() * (sample_hz / 1000);
    auto const gap = std::int64_t{between(expected_, timestamp)};
    if (!speaking_ || gap < -conceal_max || gap > waited + sample_hz) {   // the first audio, or a clock that was set anew
        flush();
        anchor(timestamp);
        speaking_ = true;
    } else if (gap < 0) {                                         // overlaps what was heard
        samples = samples.subspan(std::min(samples.size(), std::size_t(-gap)));
    } else if (gap > 0 && missed && gap <= conceal_max) {
        std::array<std::int16_t, conceal_max> made;
        auto const missing = std::span{made}.first(std::size_t(gap));
        plc_.conceal(missing);
        fill(missing);
    } else if (gap > 0) {                                         // a hole: the next frame begins with this packet
        flush();
        auto const ticks = (std::int64_t{between(origin_, timestamp)} + std::int64_t{frame_samples} / 2) / std::int64_t{frame_samples};
        auto const begins = origin_tick_ + std::uint64_t(std::max<std::int64_t>(0, ticks));
        if (begins <= now_tick_ + ahead_max) frame_tick_ = std::max(frame_tick_, begins);
        else anchor(timestamp);                                   // its clock runs a little too fast: that adds up in a long call
    }
    if (samples.empty()) return;
    expected_ = timestamp + std::uint32_t(arrival.codec->samples(arrival.payload.size()));
    heard_at_ = now_;
    plc_.heard(samples);
    fill(samples);
}

/// The sender's time is ours again: `timestamp` is now.
void Ear::anchor(std::uint32_t timestamp) {
    origin_ = timestamp;
    origin_tick_ = frame_tick_ = std::max(frame_tick_, now_tick_);
}

void Ear::fill(std::span<std::int16_t const> samples) {
    while (!samples.empty()) {
        auto const count = std::min(samples.size(), frame_.size() - filled_);
        std::ranges::copy(samples.first(count), frame_.begin() + std::ptrdiff_t(filled_));
        filled_ += count;
        samples = samples.subspan(count);
        if (filled_ == frame_.size()) flush();
    }
}

/// The frame that is being filled ends here, with silence where nothing came.
void Ear::flush() {
    if (filled_ == 0) return;
    std::ranges::fill(std::span{frame_}.subspan(filled_), std::int16_t{0});
    filled_ = 0;
    if (frame_tick_ <= now_tick_ + ahead_max) out_.push(frame_tick_++, false, frame_);
}

}  // namespace boni::media
