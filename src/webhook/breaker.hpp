// Keeps a broken endpoint from being hammered (events-and-webhooks 6, "Isolation"). Pure. Thread: any; one per endpoint.
#pragma once

#include <algorithm>
#include <deque>

#include "base/clock.hpp"

namespace boni::webhook {

class Breaker {
  public:
    static constexpr int consecutive_max = 5;
    static constexpr std::size_t watched_min = 10;       ///< fewer attempts than these say nothing
    static constexpr double failed_share_max = 0.7;
    static constexpr auto watched_for = 5min;
    static constexpr auto probe_first = 30s;
    static constexpr auto probe_last = 10min;            ///< doubling stops here
    static constexpr auto probe_wished = 10s;            ///< behind a failure: who has mended his server need not wait for the above

    /// Open: nothing goes out but one probe once `probe_at` has come. `wished`: a person asks for this delivery, by a replay or
    /// a test, or has changed the endpoint.
    bool open() const { return open_; }
    Steady probe_at(bool wished = false) const { return wished ? std::min(probe_at_, failed_at_ + probe_wished) : probe_at_; }
    bool may_probe(Steady now, bool wished = false) const { return open_ && !probing_ && now >= probe_at(wished); }
    void probe_sent(Steady now) {
        probing_ = true;
        early_ = now < probe_at_;
    }
    /// The probe came to nothing: shutting down, or there was no delivery to send.
    void probe_lost() { probing_ = false; }

    /// true: this attempt closed it.
    bool succeeded(Steady now);
    /// true: this attempt opened it.
    bool failed(Steady now);

  private:
    void remember(Steady now, bool failure);

    struct Attempt {
        Steady at;
        bool failure;
    };
    static constexpr std::size_t watched_max = 200;      // of five minutes; a busier endpoint is judged by its latest
    std::deque<Attempt> last_;
    int consecutive_ = 0;
    bool open_ = false;
    bool probing_ = false;
    bool early_ = false;                                 // the probe: its failure changes nothing
    Steady probe_at_{};
    Steady failed_at_{};                                 // when it opened, or the last probe came back
    std::chrono::seconds wait_ = probe_first;
};

}  // namespace boni::webhook
