// Rate limits by GCRA: one instant per bucket (api-semantics 6). Pure: takes `now`. Thread: control. Owner: Api.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"

namespace boni::api {

/// `burst` requests at once, then one every `interval`.
struct Rate {
    std::chrono::nanoseconds interval{};
    int burst = 1;
};
constexpr Rate per_second(double requests, int burst) {
    return {std::chrono::nanoseconds{static_cast<long long>(1e9 / requests)}, burst};
}

struct Taken {
    bool allowed = true;
    int left = 0;                                   ///< requests that would be allowed right now
    std::chrono::seconds retry_after{0};            ///< when refused: whole seconds, at least 1
    std::chrono::seconds full_after{1};             ///< until the whole burst is there again, at least 1
};

class Buckets {
  public:
    /// Takes one from the bucket of `key`, which is full when it is new. A refusal takes nothing.
    Taken take(std::string const& key, Rate rate, Steady now);
    /// Would `take` be allowed?
    bool open(std::string const& key, Rate rate, Steady now) const;
    std::size_t size() const { return full_at_.size(); }

  private:
    void forget_full(Steady now);

    std::unordered_map<std::string, Steady> full_at_;   // GCRA's theoretical arrival time
    std::size_t forget_above_ = 1024;                   // full buckets are dropped when there are more; twice what then is left
};

/// The buckets of api-semantics 6 with fixed rates; tenant and key follow from the plan.
constexpr Rate failed_authentication_rate = per_second(10, 50);
constexpr Rate list_rate = per_second(20, 40);
constexpr Rate action_rate = per_second(5, 10);
constexpr Rate dns_rate = per_second(10.0 / 60, 10);
constexpr Rate replay_rate = per_second(10, 10);
constexpr Rate test_rate = per_second(10, 40);         // ours; each of the 18 types of events can be tried at once
/// `requests_per_minute`, `key_requests_per_minute`: the burst is two seconds' worth.
constexpr Rate plan_rate(double per_minute) {
    auto const each_second = per_minute >= 1 ? per_minute / 60 : 1.0 / 60;
    return per_second(each_second, each_second < 1 ? 1 : int(2 * each_second));
}

}  // namespace boni::api
