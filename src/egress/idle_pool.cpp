#include "egress/idle_pool.hpp"

#include <algorithm>

namespace boni::egress {
namespace {

constexpr auto sweep_every = 5s;

bool spent(Kept const& kept, Steady now) { return now - kept.idle_since >= idle_max || now - kept.born >= age_max || kept.requests >= requests_max; }

}  // namespace

IdlePool::IdlePool(asio::any_io_executor control) : sweeper_{control} {}

std::optional<Kept> IdlePool::take(PoolKey const& key, std::vector<Address> const& vetted, Steady now) {
    auto const found = idle_.find(key);
    if (found == idle_.end()) return std::nullopt;
    auto& list = found->second;
    auto const unfit = [&](Kept const& one) { return spent(one, now) || std::ranges::find(vetted, one.connection->peer()) == vetted.end(); };
    size_ -= std::erase_if(list, unfit);
    std::optional<Kept> out;
    while (!out && !list.empty()) {   // the most recent is the least likely to be closed by the peer by now
        if (list.back().connection->quiet()) out = std::move(list.back());
        list.pop_back();
        --size_;
    }
    if (list.empty()) idle_.erase(found);
    return out;
}

void IdlePool::give(PoolKey const& key, Kept kept, Steady now) {
    kept.idle_since = now;
    if (spent(kept, now) || size_ >= idle_in_all_max) return;
    auto& list = idle_[key];
    list.push_back(std::move(kept));
    ++size_;
    if (list.size() > idle_of_key_max) {
        list.pop_front();
        --size_;
    }
    sweep_later();
}

void IdlePool::clear() {
    idle_.clear();
    size_ = 0;
    sweeping_ = false;
    sweeper_.cancel();
}

void IdlePool::sweep_later() {
    if (sweeping_) return;
    sweeping_ = true;
    sweeper_.expires_after(sweep_every);
    sweeper_.async_wait([weak = std::weak_ptr{alive_}](boost::system::error_code stopped) {
        auto const alive = weak.lock();
        if (stopped || !alive) return;   // cleared, or gone
        auto& pool = **alive;
        pool.sweeping_ = false;
        pool.sweep(std::chrono::steady_clock::now());
        if (pool.size_ > 0) pool.sweep_later();
    });
}

void IdlePool::sweep(Steady now) {
    for (auto at = idle_.begin(); at != idle_.end();) {
        size_ -= std::erase_if(at->second, [&](Kept const& one) { return spent(one, now); });
        at = at->second.empty() ? idle_.erase(at) : std::next(at);
    }
}

}  // namespace boni::egress
