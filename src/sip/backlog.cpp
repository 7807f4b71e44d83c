#include "sip/backlog.hpp"

namespace boni::sip {

bool Backlog::too_long(Steady now) {
    if (waiting_.empty()) return false;
    auto const waited = now - waiting_.begin()->second;
    if (waited <= (now < strained_until_ ? patience_ / strained_divisor : patience_)) return false;
    strained_until_ = now + strained_for;
    return true;
}

}  // namespace boni::sip
