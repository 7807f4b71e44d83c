#include "media/measure.hpp"

#include <cmath>

#include <fmt/format.h>

namespace boni::media {
namespace {

constexpr double high_loss_percent = 3, high_jitter_ms = 30;
constexpr std::uint64_t silence_samples = 20 * 8000;
constexpr std::uint64_t ntp_epoch = 2'208'988'800;   // seconds from 1900 to 1970

}  // namespace

Measure::Measure(std::uint32_t ssrc, Instant wall, Steady steady)
    : ssrc_{ssrc}, cname_{fmt::format("{:08x}@boni", ssrc * 2'654'435'761u)}, wall_{wall}, steady_{steady}, random_{ssrc | 1} {}

void Measure::start(Steady now) {
    if (started_) return;
    started_ = true;
    next_sample_ = now + sample_every;
    next_report_ = now + 500ms + std::chrono::milliseconds{ssrc_ % 2000};   // early, so that a short call has a round trip too
}

Quality Measure::totals(Elsewhere const& elsewhere) const {
    return {.packets_received = reception.received(), .packets_sent = elsewhere.packets_sent, .lost = reception.lost(),
            .late = elsewhere.late, .reordered = reception.reordered(), .duplicated = reception.duplicated(), .spoofed = spoofed,
            .jitter_ms = reception.jitter_ms(), .rtt_ms = rtt_ms_, .buffer_ms = elsewhere.buffer_ms};
}

Quality Measure::sample(Elsewhere const& elsewhere, Steady now) {
    next_sample_ = now + sample_every;
    auto const all = totals(elsewhere);
    auto out = all;
    out.packets_received -= before_.packets_received;
    out.packets_sent -= before_.packets_sent;
    out.lost -= std::min(all.lost, before_.lost);   // a straggler of the sample before lowers the total
    out.late -= before_.late;
    out.reordered -= before_.reordered;
    out.duplicated -= before_.duplicated;
    out.spoofed -= before_.spoofed;
    auto const expected = reception.expected() - expected_before_;
    auto const missing = expected ? std::min(100.0, 100.0 * double(out.lost + out.late) / double(expected)) : 0;
    before_ = all;
    expected_before_ = reception.expected();

    out.level_dbov = level.take();
    if (out.packets_received > 0) {
        out.mos = mos({.delay_ms = rtt_ms_.value_or(0) / 2 + out.buffer_ms + 20, .loss_percent = missing});
        mos_sum_ += out.mos;
        mos_min_ = mos_count_++ ? std::min(mos_min_, out.mos) : out.mos;
    }
    out.mos_min = out.mos;
    out.high_loss = missing > high_loss_percent;
    out.high_jitter = out.jitter_ms > high_jitter_ms;
    out.one_way_audio = elsewhere.one_way;
    out.silence = level.silent_samples() >= silence_samples;
    flags_.high_loss |= out.high_loss;
    flags_.high_jitter |= out.high_jitter;
    flags_.one_way_audio |= out.one_way_audio;
    flags_.silence |= out.silence;
    power_sum_ += std::pow(10.0, out.level_dbov / 10);
    ++sample_count_;
    return out;
}

Quality Measure::whole(Elsewhere const& elsewhere) const {
    auto out = totals(elsewhere);
    out.mos = mos_count_ ? mos_sum_ / double(mos_count_) : 0;
    out.mos_min = mos_min_;
    if (sample_count_) out.level_dbov = std::max(-127.0, 10 * std::log10(power_sum_ / double(sample_count_)));
    out.high_loss = flags_.high_loss;
    out.high_jitter = flags_.high_jitter;
    out.one_way_audio = flags_.one_way_audio;
    out.silence = flags_.silence;
    return out;
}

void Measure::received(RtcpIn const& in, Steady now) {
    if (in.sr_ntp) {
        last_sr_ = middle(*in.sr_ntp);
        last_sr_at_ = now;
    }
    if (!in.block) return;
    if (auto const rtt = round_trip_ms(*in.block, ntp(now))) rtt_ms_ = rtt;
}

std::size_t Measure::report(Sent const& sent, bool bye, Steady now, std::span<std::uint8_t> out) {
    schedule_report(now);
    RtcpOut report{.ssrc = ssrc_, .cname = cname_, .bye = bye};
    if (sent.recently)
        report.sender = SenderInfo{.ntp = ntp(now), .rtp_timestamp = sent.timestamp, .packets = sent.packets, .octets = sent.octets};
    if (reception.any()) {
        auto const expected = reception.expected() - reported_expected_;
        auto const lost = std::int64_t(reception.lost() - reported_lost_);
        reported_expected_ = reception.expected();
        reported_lost_ = reception.lost();
        auto const since = std::chrono::duration_cast<std::chrono::microseconds>(now - last_sr_at_).count();
        auto const fraction = lost > 0 && expected > 0 ? std::min<std::int64_t>(255, lost * 256 / std::int64_t(expected)) : 0;
        report.block = ReportBlock{.ssrc = reception.ssrc(),
                                   .fraction_lost = std::uint8_t(fraction),
                                   .lost = std::int32_t(reception.lost()), .highest = reception.highest(), .jitter = reception.jitter(),
                                   .last_sr = last_sr_, .since_last_sr = last_sr_ ? std::uint32_t(since * 65'536 / 1'000'000) : 0};
    }
    return write_rtcp(report, out);
}

void Measure::schedule_report(Steady now) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    next_report_ = now + 2500ms + std::chrono::milliseconds{random_ % 5000};
}

Ntp Measure::ntp(Steady now) const {
    auto const wall = wall_ + std::chrono::duration_cast<std::chrono::microseconds>(now - steady_);
    auto const micros = std::uint64_t(wall.time_since_epoch().count());
    return (micros / 1'000'000 + ntp_epoch) << 32 | (micros % 1'000'000 << 32) / 1'000'000;
}

}  // namespace boni::media
