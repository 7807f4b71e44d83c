#include "targets/control_webhook/breaker.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "egress/host.hpp"

namespace boni::targets::control_webhook {

bool Breaker::lets_through(Steady now) {
    if (state_ == State::closed) return true;
    if (gone_ || now - probed_at_ < probe_every) return false;
    probed_at_ = now;
    return true;
}

bool Breaker::succeeded(Steady now) {
    if (gone_) return false;   // asked before the 410
    failures_ = 0;
    if (state_ == State::open) {
        last_.clear();   // what opened it is history
        state_ = State::closed;
        return true;
    }
    remember(false, now);
    return false;
}

bool Breaker::failed(Steady now) {
    ++failures_;
    if (state_ == State::open) return false;
    remember(true, now);
    auto const failures = std::size_t(std::ranges::count(last_, true, &Attempt::failure));
    auto const too_many = last_.size() == attempts_watched && failures * 2 > attempts_watched;
    if (failures_ < failures_in_a_row_max && !too_many) return false;
    state_ = State::open;
    probed_at_ = now;
    return true;
}

bool Breaker::gone() {
    gone_ = true;
    return std::exchange(state_, State::open) == State::closed;
}

void Breaker::remember(bool failure, Steady now) {
    last_.push_back({now, failure});
    if (last_.size() > attempts_watched) last_.pop_front();
    while (now - last_.front().at > watched_for) last_.pop_front();
}

Breaker& Breakers::of(TenantId const& tenant, std::string_view url) {
    if (by_key_.size() >= breakers_max) std::erase_if(by_key_, [](auto const& one) { return one.second.state() == Breaker::State::closed; });
    if (by_key_.size() >= breakers_max) by_key_.clear();   // so many servers that are down are somebody's invention
    return by_key_[breaker_key(tenant, url)];
}

void Breakers::route_saved(TenantId const& tenant, std::string_view url) {
    by_key_.erase(breaker_key(tenant, url));
    auto const others = tenant.str() + ' ';
    for (auto at = by_key_.lower_bound(others); at != by_key_.end() && at->first.starts_with(others);)
        at = at->second.is_gone() ? by_key_.erase(at) : std::next(at);
}

std::string breaker_key(TenantId const& tenant, std::string_view url) {
    auto const colon = std::min(url.find("://"), url.size());
    auto const scheme = lower(url.substr(0, colon));
    auto const rest = url.substr(std::min(colon + 3, url.size()));
    auto const end = std::min(rest.find_first_of("/?"), rest.size());
    auto const path = rest.substr(end, rest.find('?') - end);
    auto const place = egress::parse_authority(rest.substr(0, end)).value_or(egress::Authority{.host = lower(rest.substr(0, end))});
    auto const port = place.port.value_or(scheme == "https" ? 443 : 80);
    return tenant.str() + ' ' + scheme + ' ' + place.host + ' ' + std::to_string(port) + ' ' + (path.empty() ? "/" : std::string{path});
}

}  // namespace boni::targets::control_webhook
