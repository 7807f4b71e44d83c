#include "app/usage_clock.hpp"

#include "base/log.hpp"

namespace boni::app {
namespace {

constexpr auto told_every = 1min;                   // events-and-webhooks 2: one usage.updated per tenant and minute

}  // namespace

UsageClock::UsageClock(asio::any_io_executor control, Clock& clock, store::Store& store, std::function<void(model::Event const&)> told)
    : clock_{clock}, store_{store}, told_{std::move(told)}, end_{control} {}

Task<> UsageClock::run() {
    while (!stopped_) {
        co_await tick();
        if (!stopped_) co_await end_.rung_within(told_every);
    }
}

void UsageClock::stop() {
    stopped_ = true;
    end_.ring();
}

/// Days without a process are not counted: nobody knows which numbers were assigned then, or what was kept.
Task<> UsageClock::tick() {
    auto const now = clock_.now();
    auto const today = ist_midnight(now);
    if (counted_day_ != today) {
        auto const counted = co_await store_.meter_day(today);
        if (counted) counted_day_ = today;
        else log_error("app", "the day could not be counted: " + counted.error().what);
    }
    auto const events = co_await store_.tell_usage(now);
    if (!events) log_error("app", "usage could not be told: " + events.error().what);
    else if (told_) for (auto const& event : *events) told_(event);
}

}  // namespace boni::app
