#include "webhook/breaker.hpp"

namespace boni::webhook {

bool Breaker::succeeded(Steady now) {
    consecutive_ = 0;
    remember(now, false);
    if (!open_) return false;
    open_ = probing_ = false;
    wait_ = probe_first;
    last_.clear();                                       // what opened it is history
    return true;
}

bool Breaker::failed(Steady now) {
    ++consecutive_;
    remember(now, true);
    if (open_) {
        if (!std::exchange(probing_, false)) return false;   // one that was on its way when it opened
        failed_at_ = now;
        if (early_) return false;
        wait_ = std::min<std::chrono::seconds>(wait_ * 2, probe_last);
        probe_at_ = now + wait_;
        return false;
    }
    auto const failures = std::ranges::count(last_, true, &Attempt::failure);
    auto const too_many = last_.size() >= watched_min && double(failures) >= failed_share_max * double(last_.size());
    if (consecutive_ < consecutive_max && !too_many) return false;
    open_ = true;
    failed_at_ = now;
    probe_at_ = now + wait_;
    return true;
}

void Breaker::remember(Steady now, bool failure) {
    last_.push_back({now, failure});
    if (last_.size() > watched_max) last_.pop_front();
    while (now - last_.front().at > watched_for) last_.pop_front();
}

}  // namespace boni::webhook
