#include "api/rate_limit.hpp"

#include <algorithm>

namespace boni::api {
namespace {

std::chrono::seconds whole_seconds(Steady::duration time) {
    return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(time));
}

/// How far before its full time a bucket may be and still give one more.
Steady::duration tolerance(Rate rate) { return rate.interval * (rate.burst - 1); }

}  // namespace

Taken Buckets::take(std::string const& key, Rate rate, Steady now) {
    if (full_at_.size() >= forget_above_ && !full_at_.contains(key)) forget_full(now);
    auto& full_at = full_at_.try_emplace(key, now).first->second;
    full_at = std::clamp(full_at, now, now + rate.interval * rate.burst);   // a plan that was raised is not held to the old one's debt
    auto const allowed = full_at - now <= tolerance(rate);
    if (allowed) full_at += rate.interval;
    auto const owed = full_at - now;
    Taken taken{.allowed = allowed, .full_after = whole_seconds(owed)};
    auto const spare = rate.interval * rate.burst - owed;
    if (spare.count() > 0) taken.left = int(spare / rate.interval);
    if (!allowed) taken.retry_after = whole_seconds(owed - tolerance(rate));
    return taken;
}

bool Buckets::open(std::string const& key, Rate rate, Steady now) const {
    auto const found = full_at_.find(key);
    return found == full_at_.end() || found->second - now <= tolerance(rate);
}

/// A full bucket is the same as none. Doubling what is left keeps the sweep's cost per request constant.
void Buckets::forget_full(Steady now) {
    std::erase_if(full_at_, [&](auto const& bucket) { return bucket.second <= now; });
    forget_above_ = std::max<std::size_t>(1024, 2 * full_at_.size());
}

}  // namespace boni::api
