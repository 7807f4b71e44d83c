// When a customer's control server is down: calls go straight to the fallback, one real call in five seconds tries it again
// (control-webhook 4). Pure: takes `now`. Thread: control. Owner: Calls, through Kept.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/id.hpp"

namespace boni::targets::control_webhook {

class Breaker {
  public:
    static constexpr int failures_in_a_row_max = 5;
    static constexpr std::size_t attempts_watched = 20;
    static constexpr auto watched_for = 30s;
    static constexpr auto probe_every = 5s;

    enum class State { closed, open };
    State state() const { return state_; }
    int failures() const { return failures_; }     ///< in a row

    /// May a request be sent now? While open: one probe every five seconds.
    bool lets_through(Steady now);
    /// What became of it, after its retry. True: the state changed.
    bool succeeded(Steady now);
    bool failed(Steady now);
    /// 410 Gone: open until the route is saved again, whatever is answered to those who asked before.
    bool gone();
    bool is_gone() const { return gone_; }

  private:
    void remember(bool failure, Steady now);

    struct Attempt { Steady at; bool failure; };
    State state_ = State::closed;
    bool gone_ = false;
    int failures_ = 0;
    std::deque<Attempt> last_;
    Steady probed_at_{};
};

/// One per (tenant, scheme, host, port, path). Bounded: at 10,000 the closed ones are forgotten, and when all
/// are open all.
class Breakers {
  public:
    static constexpr std::size_t breakers_max = 10'000;
    Breaker& of(TenantId const& tenant, std::string_view url);
    /// Closes the URL's, and those of the tenant that 410 has opened: a server that only decisions name is in no route of its own.
    void route_saved(TenantId const& tenant, std::string_view url);
    std::size_t size() const { return by_key_.size(); }

  private:
    std::map<std::string, Breaker> by_key_;
};

/// Where requests for the URL go, however it is written: the port it has by default, a dot at the host's end and the query make no difference.
std::string breaker_key(TenantId const& tenant, std::string_view url);

}  // namespace boni::targets::control_webhook
