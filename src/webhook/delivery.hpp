// Sends event deliveries: signed, retried on the schedule, isolated per endpoint (events-and-webhooks 4 and 6).
//
// Thread: control. Owner: App. The database is the queue; this only decides who may send now. Delivery never blocks a call.
#pragma once

#include <functional>
#include <memory>

#include "base/secret.hpp"
#include "base/task.hpp"
#include "egress/http_client.hpp"
#include "store/store.hpp"

namespace boni::webhook {

class Deliveries {
  public:
    /// `master_key` opens endpoint secrets (32 bytes).
    Deliveries(asio::any_io_executor control, Clock& clock, store::Store& store, egress::HttpClient& http, Secret master_key);
    ~Deliveries();

    /// Runs until `stop`. Wakes by the store's signal, a 1 s poll, and the 30 s sweep over expired leases.
    Task<> run();
    /// Sends what is due, then no new attempts; returns when those in flight are written, or after `limit`.
    Task<> stop(std::chrono::milliseconds limit);
    /// Looks at the queue now instead of with the next poll.
    void wake();
    /// Told when the attempt is on disk.
    void on_attempt(std::function<void(store::AttemptResult const&)> observer);

  private:
    struct Inner;
    std::shared_ptr<Inner> inner_;   // shared with the attempts in flight: one that is cancelled ends after this
};

/// Fresh "whsec_" secret: what is shown once, what of it may be shown always, and the 32 raw bytes to seal.
struct NewSecret {
    std::string shown;
    std::string prefix;
    Secret raw;
};
NewSecret new_signing_secret();

}  // namespace boni::webhook
