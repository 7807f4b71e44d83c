#include "targets/control_webhook/breaker.hpp"

#include <algorithm>

namespace boni::targets::control_webhook {

bool Breaker::lets_through(Steady now) {
    if (state_ == State::closed) return true;
    if (gone_ || now - probed_at_ < probe_every) return false;
    probed_at_ = now;
    return true;
}

bool Breaker::succeeded(Steady now) {
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
    if (by_key_.size() >= breakers_max)
        std::erase_if(by_key_, [](auto const& one) { return one.second.state() == Breaker::State::closed && one.second.failures() == 0; });
    return by_key_[breaker_key(tenant, url)];
}

void Breakers::close(TenantId const& tenant, std::string_view url) { by_key_.erase(breaker_key(tenant, url)); }

std::string breaker_key(TenantId const& tenant, std::string_view url) {
    auto const path = url.find('/', std::min(url.find("://"), url.size()) + 3);
    auto authority = std::string{url.substr(0, path)};
    std::ranges::transform(authority, authority.begin(), [](unsigned char byte) { return char(std::tolower(byte)); });
    auto rest = path == std::string_view::npos ? std::string_view{"/"} : url.substr(path);
    return tenant.str() + ' ' + authority + std::string{rest.substr(0, rest.find('?'))};
}

}  // namespace boni::targets::control_webhook
