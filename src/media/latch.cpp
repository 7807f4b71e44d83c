#include "media/latch.hpp"

namespace boni::media {
namespace {

constexpr auto signalled_only = 250ms;
constexpr auto silent_after = 2s;

}  // namespace

void Latch::signalled(Address remote, Steady now) {
    if (remote == remote_) return;
    remote_ = remote;
    since_ = now;
    moved_ = source_.has_value() && remote.port != 0 && remote != *source_ && remote != latched_for_;
}

Latch::Verdict Latch::judge(Address const& from, std::uint32_t ssrc, Steady now) {
    if (source_ && *source_ == from) {   // also in a move: the old source is heard until the new one speaks
        last_ = now;
        ssrc_ = ssrc;
        return Verdict::accepted;
    }
    auto const first = !source_;
    auto const open = first || moved_;
    auto const by_address = open && (from == remote_ || now - since_ >= signalled_only);
    auto const by_silence = !first && now - last_ >= silent_after && ssrc == ssrc_;
    if (!by_address && !by_silence) return Verdict::refused;
    source_ = from;
    if (remote_.port != 0) latched_for_ = remote_;
    ssrc_ = ssrc;
    moved_ = false;
    last_ = now;
    return first ? Verdict::latched : Verdict::relatched;
}

bool Latch::accepts_rtcp(Address const& from) const {
    return same_ip(from, remote_) || (source_ && same_ip(from, *source_));
}

std::optional<Address> Latch::only(Steady now) const {
    if (!source_ || moved_ || now - last_ >= silent_after) return {};
    return source_;
}

}  // namespace boni::media
