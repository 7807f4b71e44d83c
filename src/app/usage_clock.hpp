// The clock of usage: numbers and kept recordings are counted at midnight in India, customers told of their counters at most once a minute.
// Thread: control. Owner: App.
#pragma once

#include <functional>
#include <optional>

#include "base/bell.hpp"
#include "base/clock.hpp"
#include "model/event.hpp"
#include "store/store.hpp"

namespace boni::app {

class UsageClock {
  public:
    /// `told`: every event it committed.
    UsageClock(asio::any_io_executor control, Clock& clock, store::Store& store, std::function<void(model::Event const&)> told);

    Task<> run();                                   ///< until `stop`
    void stop();
    /// What `run` does every minute.
    Task<> tick();

  private:
    Clock& clock_;
    store::Store& store_;
    std::function<void(model::Event const&)> told_;
    Bell end_;                                      ///< rings with `stop`
    std::optional<Instant> counted_day_;            ///< its first instant in India; counting it again changes nothing
    bool stopped_ = false;
};

}  // namespace boni::app
