#include "media/jitter.hpp"

#include <algorithm>

namespace boni::media {
namespace {

constexpr std::int64_t second = sample_hz;
constexpr int late_run_max = 5;
constexpr std::int64_t hysteresis = 160;   // one frame: a tick sees the delay up to that much later than it is
constexpr std::int64_t slack = 24;         // a tick comes up to 3 ms after its time, and nothing shall be given up for that

std::int64_t samples_of(Steady now) {
    return std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() * 8 / 1000;
}

}  // namespace

void Jitter::insert(Arrival const& arrival, Steady now) {
    auto const clock = samples_of(now);
    auto const& header = arrival.header;
    if (!started_ || arrival.anew || header.ssrc != ssrc_) reset(header, clock);
    auto sequence = sequence_ + std::int16_t(header.sequence - std::uint16_t(sequence_));
    auto timestamp = timestamp_ + std::int32_t(header.timestamp - std::uint32_t(timestamp_));
    // An event's timestamp is that of its beginning, so it tells nothing about the network. One in the future counts from elsewhere, as some
    // gateways' do, and no audio waits for it.
    if (arrival.kind == Kind::other) timestamp = std::min(timestamp, clock - fastest_);
    auto const jump = arrival.kind != Kind::other && std::abs(clock - timestamp - fastest_) > second;
    if (jump && sequence < sequence_ && timestamp < timestamp_) {   // seconds late, of a path that was given up
        ++late_;
        return;
    }
    if (jump || std::abs(sequence - sequence_) > 3000) {
        reset(header, clock);
        sequence = sequence_;
        timestamp = timestamp_;
    }
    if (arrival.kind != Kind::other) note_transit(clock - timestamp, clock);
    auto const samples = arrival.kind == Kind::audio ? arrival.codec->samples(arrival.payload.size()) : 0;
    auto& place = slot(sequence);
    if (place.sequence >= sequence) {   // a duplicate, or older than everything the window holds
        if (place.sequence > sequence) ++late_;
        return;
    }
    if (playing_ && arrival.kind == Kind::audio && timestamp < cursor_) {
        came_late(timestamp, std::int64_t(samples), clock);
        if (sequence < next_ || timestamp + std::int64_t(samples) <= cursor_) {
            // A sender whose clock stood still for a while is late for good: follow it.
            if (++late_run_ == late_run_max) reset(header, clock);
            return;
        }
    }
    late_run_ = 0;
    place = {.sequence = sequence, .timestamp = timestamp, .kind = arrival.kind, .level = arrival.level,
             .samples = std::uint16_t(samples), .codec = arrival.codec, .payload = payloads_.keep(arrival.payload)};
    if (!playing_) {   // the first packets may themselves come out of order
        next_ = std::min(next_, sequence);
        if (arrival.kind == Kind::audio) cursor_ = std::min(cursor_, timestamp);
    }
    sequence_ = std::max(sequence_, sequence);
    timestamp_ = std::max(timestamp_, timestamp);
}

void Jitter::reset(RtpHeader const& header, std::int64_t clock) {
    jumped_ = started_;
    started_ = true;
    playing_ = false;
    quiet_ = false;
    ssrc_ = header.ssrc;
    sequence_ = (1 << 20) + header.sequence;   // whole rounds above zero, so that earlier ones stay positive
    next_ = sequence_;
    timestamp_ = (std::int64_t{1} << 40) + header.timestamp;
    cursor_ = played_to_ = timestamp_;
    fastest_ = clock - timestamp_;
    transit_count_ = 0;
    hold_ = 0;
    worst_ = 0;
    late_run_ = 0;
    retargeted_ = shrunk_ = adjusted_ = clock;
    for (auto& place : slots_) place.sequence = -1;
}

// Grow at once: the packet still plays when nothing behind it has been heard, otherwise its successors get the time it lacked.
void Jitter::came_late(std::int64_t timestamp, std::int64_t samples, std::int64_t clock) {
    ++late_;
    auto const lacked = cursor_ - timestamp;
    auto const wanted = clock - fastest_ - timestamp;   // the delay with which it would have been in time
    if (wanted > delay_max || lacked <= 0) return;
    target_ = std::clamp(int(wanted), target_, delay_max);
    if (played_to_ <= timestamp) cursor_ = timestamp;
    else if (timestamp + samples > played_to_) cursor_ = played_to_;
    else hold_ = std::max(hold_, std::min(lacked, std::int64_t{delay_max} - delay_));
}

void Jitter::note_transit(std::int64_t transit, std::int64_t clock) {
    transits_[transit_count_++ % transits_.size()] = {transit, clock};
    fastest_ = std::min(fastest_, transit);
}

// The 95th percentile of what packets lagged behind the fastest one of the last 2 s; up to 20 ms half as much again as the worst that is
// remembered, since there a late packet costs more than the delay that would have saved it.
void Jitter::retarget(std::int64_t clock) {
    retargeted_ = clock;
    std::array<std::int64_t, 128> lags;
    auto count = 0uz;
    for (auto const& transit : std::span{transits_}.first(std::min(transit_count_, transits_.size())))
        if (clock - transit.clock <= 2 * second) lags[count++] = transit.value;
    if (count < 8) return;   // too few to judge; what is known stays
    auto const seen = std::span{lags}.first(count);
    fastest_ = *std::ranges::min_element(seen);
    auto const rank = seen.begin() + std::ptrdiff_t(count * 95 / 100);
    std::ranges::nth_element(seen, rank);
    worst_ = std::max(*std::max_element(rank, seen.end()) - fastest_, worst_ - worst_ / 16);
    worst_ = std::min(worst_, std::int64_t{frame_samples} * 2 / 3);
    auto const lag = std::max(*rank - fastest_, worst_ + worst_ / 2);
    auto const wanted = std::clamp(int(lag) + delay_min, delay_min, delay_max);
    if (wanted > target_) target_ = wanted;
    else if (clock - shrunk_ >= second) {
        target_ = std::max(wanted, target_ - int(frame_samples));
        shrunk_ = clock;
    }
}

void Jitter::tick(Steady now) {
    auto const clock = clock_ = samples_of(now);
    if (!started_) return;
    if (clock - retargeted_ >= second / 2) retarget(clock);
    delay_ = clock - fastest_ - cursor_;
    drop_ = false;
    if (!playing_) {
        playing_ = delay_ >= target_;
        return;
    }
    if (delay_ > target_ + delay_max) {   // a burst after an outage: what is too old is given up at once
        cursor_ = clock - fastest_ - target_;
        jumped_ = true;
    } else if (clock - adjusted_ >= second && delay_ >= target_ + hysteresis + slack) {
        drop_ = true;
    } else if (clock - adjusted_ >= second && silent_ && delay_ < target_ - hysteresis) {
        hold_ = frame_samples;
        adjusted_ = clock;
    }
}

Jitter::Slot* Jitter::next_slot() {
    for (auto sequence = next_; sequence <= sequence_; ++sequence) {
        auto& place = slot(sequence);
        if (place.sequence != sequence || !payloads_.holds(place.payload)) {
            if (sequence_ - sequence > window) next_ = sequence + 1;
            continue;
        }
        if (place.timestamp + place.samples > cursor_) return &place;
        if (place.kind != Kind::audio) {   // reached: from here on it is quiet until audio comes again
            quiet_ = true;
            noise_level_ = place.kind == Kind::noise ? place.level : 127;
        }
        consume(place);
    }
    return nullptr;
}

Jitter::Piece Jitter::take(std::size_t wanted) {
    if (!playing_) return {.samples = wanted};
    auto const empty_kind = quiet_ && noise_level_ < 127 ? Piece::Kind::noise : Piece::Kind::silence;
    if (hold_ > 0) {
        auto const count = std::min(std::int64_t(wanted), hold_);
        hold_ -= count;
        auto const kind = quiet_ || silent_ ? empty_kind : Piece::Kind::lost;
        return {.kind = kind, .samples = std::size_t(count), .level = noise_level_};
    }
    auto* const place = next_slot();
    auto const gap = place ? place->timestamp - cursor_ : std::int64_t(wanted);
    if (gap > 0) {
        auto const count = std::min(std::int64_t(wanted), gap);
        cursor_ += count;
        // A gap in time without one in sequence is a sender that was silent on purpose.
        auto const meant = quiet_ || (place != nullptr && place->sequence == next_);
        auto const kind = !meant ? Piece::Kind::lost : quiet_ && noise_level_ < 127 ? Piece::Kind::noise : Piece::Kind::silence;
        return {.kind = kind, .samples = std::size_t(count), .level = noise_level_};
    }
    quiet_ = false;
    auto const offset = std::size_t(cursor_ - place->timestamp);
    auto const count = std::min(wanted, place->samples - offset);
    Piece const piece{.kind = Piece::Kind::audio, .samples = count,
                      .payload = payloads_.at(place->payload), .codec = place->codec,
                      .fresh = !std::exchange(place->begun, true), .offset = offset};
    cursor_ += std::int64_t(count);
    played_to_ = cursor_;
    if (offset + count == place->samples) consume(*place);
    return piece;
}

}  // namespace boni::media
