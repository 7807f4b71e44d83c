// The operator's side: tenants, keys, numbers, trunks and webhook endpoints of everybody. One set of handlers, two doors.
//
// Thread: control. Owner: App, which mounts `local` on the admin socket and `remote` on the operator's listener. What an operation
// does is told by the file of its noun: tenants.cpp, keys.cpp, numbers.cpp, trunks.cpp, ...
#pragma once

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "model/event.hpp"

namespace boni::store { class Store; }
namespace boni::api { class Api; }
namespace boni::call { class Calls; }
namespace boni::sip { class Endpoint; }

namespace boni::admin {

/// What the operator's operations use. All outlive it. Owner: App.
struct Services {
    Clock& clock;
    store::Store& store;
    api::Api& api;                                  ///< to make a revocation take effect at once
    call::Calls& calls;                             ///< live ones hear what becomes of their tenant
    sip::Endpoint& sip;                             ///< gets the trunks
    bool rate_limits;                               ///< of wrong keys
    Secret master_key;                              ///< 32 bytes; seals what tenants and trunks keep secret
    std::function<void(model::Event const&)> on_event;   ///< every event an operation committed, for `boni dev --json`; may be empty
};

class Admin {
  public:
    explicit Admin(Services services);
    ~Admin();
    Admin(Admin const&) = delete;

    /// A request on the admin socket: the peer must be root, our own user or of our group (console-and-dx 5).
    Task<http::Response> local(http::Request& request);
    /// A request on the operator's listener: X-API-Key must hold a vp_oper_ key.
    Task<http::Response> remote(http::Request& request);

    /// Reads every trunk from the store and gives them to SIP; at start, and after each change. One that no longer reads is logged
    /// and left out: it must not keep the others from working.
    Task<Result<>> apply_trunks();

  private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace boni::admin
