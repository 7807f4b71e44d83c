#include "stream/voice_activity.hpp"

#include <algorithm>

#include "media/energy.hpp"
#include "media/quality.hpp"

namespace boni::stream {
namespace {

constexpr double audible = -45, stands_out = 9;          // dBov; dB above the floor
constexpr int begins_after = 3, stretch = 50;            // frames
constexpr std::uint64_t ends_after = 400;                // ms

double level_of(std::span<std::int16_t const> frame) {
    return frame.empty() ? -127 : media::to_dbov(double(media::energy(frame)) / double(frame.size()));
}

}  // namespace

std::optional<Speech> VoiceActivity::heard(std::span<std::int16_t const> frame, std::uint64_t at) {
    auto const level = level_of(frame);
    auto const loud = level > std::max(audible, std::min(floor_, floor_before_) + stands_out);
    note_floor(level);
    if (!loud) {
        loud_frames_ = 0;
        return speaking_ && at + frame_ms >= loud_until_ + ends_after ? lapsed() : std::nullopt;
    }
    if (loud_frames_ > 0 && at != loud_until_) loud_frames_ = 0;   // a hole between them
    if (loud_frames_++ == 0) loud_from_ = at;
    loud_until_ = at + frame_ms;
    if (speaking_ || loud_frames_ < begins_after) return {};
    speaking_ = true;
    return Speech{.began = true, .at = loud_from_};
}

std::optional<Speech> VoiceActivity::lapsed() {
    loud_frames_ = 0;
    if (!std::exchange(speaking_, false)) return {};
    return Speech{.began = false, .at = loud_until_};
}

void VoiceActivity::note_floor(double level) {
    floor_ = floor_frames_ == 0 ? level : std::min(floor_, level);
    if (++floor_frames_ < stretch) return;
    floor_before_ = floor_;
    floor_frames_ = 0;
}

}  // namespace boni::stream
