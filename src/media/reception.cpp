#include "media/reception.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace boni::media {
namespace {

constexpr std::int64_t jump_max = 3000;   // MAX_DROPOUT of RFC 3550 A.1
constexpr std::int64_t back_max = 100;    // MAX_MISORDER
constexpr std::int64_t clock_set_anew = 8000;   // a timestamp that is a second off is no jitter
constexpr int next_stray_max = 3;               // a sender that begins anew may lose some, too
constexpr auto others_fit = 30ms;               // while packets that fit come as often, what does not is a left-over

}  // namespace

Reception::Order Reception::receive(RtpHeader const& header, bool audio, Steady now) {
    auto order = Order::next;
    ++received_;
    auto const step = started_ ? std::int16_t(header.sequence - std::uint16_t(highest_)) : std::int16_t{0};
    auto const fits = started_ && header.ssrc == ssrc_ && step <= jump_max && step >= -back_max;
    if (started_ && !fits && !begins_anew(header, now)) return Order::stray;
    stray_.reset();
    fitted_ = now;
    if (!fits) {
        order = Order::restarted;
        restart(header);
    } else if (step > 0) {
        seen_ = step < 64 ? seen_ << step | 1 : 1;
        highest_ += step;
        ++unique_;
    } else if (step > -64 && (seen_ >> -step & 1)) {
        ++duplicated_;
        order = Order::duplicate;
    } else {
        if (step > -64) seen_ |= 1ull << -step;
        if (highest_ + step < first_) first_ = highest_ + step;   // the very first packet was itself out of order
        ++unique_;
        ++reordered_;
        order = Order::late;
    }
    if (!audio || order == Order::duplicate) return order;
    auto const clock = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() * 8 / 1000;
    auto const transit = std::uint32_t(clock) - header.timestamp;
    auto const difference = std::int64_t{std::int32_t(transit - last_transit_)};
    if (timed_ && std::abs(difference) < clock_set_anew) jitter_ += (std::abs(double(difference)) - jitter_) / 16;
    timed_ = true;
    last_transit_ = transit;
    return order;
}

/// RFC 3550 A.1, and more careful: a path that is given up lets go of what it held seconds later, in order, between the packets of the new one.
bool Reception::begins_anew(RtpHeader const& header, Steady now) {
    auto const before = std::exchange(stray_, header);
    auto const step = before ? std::int16_t(header.sequence - before->sequence) : 0;
    return before && before->ssrc == header.ssrc && step > 0 && step <= next_stray_max && now - fitted_ >= others_fit;
}

void Reception::restart(RtpHeader const& header) {
    before_expected_ += current_expected();
    before_unique_ += unique_;
    started_ = true;
    ssrc_ = header.ssrc;
    first_ = highest_ = header.sequence;
    seen_ = 1;
    unique_ = 1;
    timed_ = false;
}

std::uint64_t Reception::lost() const {
    auto const expected_all = expected();
    auto const unique_all = before_unique_ + unique_;
    return expected_all > unique_all ? expected_all - unique_all : 0;
}

}  // namespace boni::media
