#include "base/shares.hpp"

#include <algorithm>
#include <functional>
#include <list>
#include <unordered_map>
#include <unordered_set>

#include <boost/asio/post.hpp>

#include "base/bell.hpp"

namespace boni {

struct Shares::State {
    struct Waiter {
        std::string tenant;
        std::size_t units;
        Bell turn;   // rings when it has come
        bool served = false;
    };

    State(asio::any_io_executor where, ShareLimits l) : control{std::move(where)}, limits{l} {}

    std::size_t held_by(std::string const& tenant) const {
        auto const found = held.find(tenant);
        return found == held.end() ? 0 : found->second;
    }
    /// Null when nobody who waits is within its share.
    Waiter* next() const {
        Waiter* best = nullptr;
        std::unordered_set<std::string_view> seen;   // a tenant's first is the one whose turn may come
        for (auto* const one : waiting) {
            auto const has = held_by(one->tenant);
            if (!seen.insert(one->tenant).second || has + one->units > limits.tenant) continue;
            if (!best || has < held_by(best->tenant)) best = one;
        }
        return best;
    }
    void serve() {
        for (auto* one = next(); one && taken + one->units <= limits.all; one = next()) {
            waiting.remove(one);
            taken += one->units;
            held[one->tenant] += one->units;
            one->served = true;
            one->turn.ring();
        }
    }
    void free(std::string const& tenant, std::size_t units) {
        taken -= units;
        auto const found = held.find(tenant);
        if ((found->second -= units) == 0) held.erase(found);
        serve();
    }
    bool full(std::string const& tenant) const {
        auto const own = std::ranges::count(waiting, tenant, &Waiter::tenant);
        return waiting.size() > limits.waiting_max || std::size_t(own) > std::max<std::size_t>(1, limits.waiting_max / 4);
    }

    asio::any_io_executor control;
    ShareLimits limits;
    std::size_t taken = 0;
    std::unordered_map<std::string, std::size_t> held;
    std::list<Waiter*> waiting;   // in the order of their coming; each lives in the frame of its `take`
};

Shares::Shares(asio::any_io_executor control, ShareLimits limits) : state_{std::make_shared<State>(std::move(control), limits)} {}

Task<Result<Shares::Place>> Shares::take(TenantId tenant, std::size_t units) {
    auto const state = state_;
    auto const share = std::min(units, std::min(state->limits.tenant, state->limits.all));
    State::Waiter waiter{tenant.str(), share, Bell{state->control}};
    state->waiting.push_back(&waiter);
    // Also when the load is cancelled and this frame is taken down.
    std::unique_ptr<State::Waiter, std::function<void(State::Waiter*)>> const leave{&waiter, [state](State::Waiter* one) { state->waiting.remove(one); }};
    state->serve();
    if (!waiter.served && state->full(waiter.tenant)) co_return fail(Errc::limit, "too many wait for their turn", {}, "overloaded");
    if (!waiter.served) co_await waiter.turn.rung_within(state->limits.patience);
    if (!waiter.served) co_return fail(Errc::limit, "others have all of it, and there was no room in time", {}, "overloaded");
    Place place;
    place.state_ = state;
    place.tenant_ = waiter.tenant;
    place.units_ = share;
    co_return place;
}

std::size_t Shares::taken() const { return state_->taken; }
std::size_t Shares::waiting() const { return state_->waiting.size(); }

Shares::Place& Shares::Place::operator=(Place&& other) noexcept {
    std::swap(state_, other.state_);
    std::swap(tenant_, other.tenant_);
    std::swap(units_, other.units_);
    return *this;
}

void Shares::Place::give_back(std::size_t rest) {
    auto const state = state_.lock();
    if (!state || units_ <= rest) return;
    auto const freed = units_ - rest;
    units_ = rest;
    asio::post(state->control, [state, tenant = tenant_, freed] { state->free(tenant, freed); });
}

}  // namespace boni
