// From a checked URL to a connected, verified stream: stages 2 and 3 of egress.md. The HTTP client and the WebSocket client share it.
// Thread: control.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "egress/connection.hpp"
#include "egress/resolver.hpp"
#include "egress/url.hpp"

namespace boni::egress {

/// Opens one socket. Injected so that tests send public addresses to a server on loopback and see every address that is dialled.
class Dialer {
  public:
    virtual ~Dialer() = default;
    /// To this address and no other. Errc::unavailable token `connect`. Cancelling closes the socket.
    virtual Task<Result<tcp::socket>> dial(Address address) = 0;
};

/// The kernel's TCP. Stateless.
class TcpDialer final : public Dialer {
  public:
    Task<Result<tcp::socket>> dial(Address address) override;
};

/// TLS 1.2 or newer, peer verified against the system's store and `ca_file`. Throws std::runtime_error when the file is unusable.
ssl::context make_tls(std::string const& ca_file);

struct ConnectTimes {
    std::chrono::microseconds connect{};
    std::chrono::microseconds tls{};
    Address remote;                                  ///< what accepted the connection, whatever became of TLS
};

/// Stage 2 of one attempt: the vetted addresses of `url` with its port, v6 and v4 interleaved. One refused address refuses all.
/// Errors: as the resolver's, or Errc::forbidden token `egress_blocked`.
Task<Result<std::vector<Address>>> resolve_vetted(Resolver& resolver, Policy const& policy, Url url, Use use);

/// Stage 3: dials the addresses 250 ms apart, the first that connects wins and the others are closed; then TLS, verified against
/// the URL's host. The table is applied to each address again before it is dialled. Errors: tokens `connect`, `tls`,
/// `egress_blocked`, and `timeout` after `limit`, which covers both.
Task<Result<std::unique_ptr<Connection>>> connect(Dialer& dialer, ssl::context& tls, Policy const& policy, Url url, Use use,
                                                  std::vector<Address> vetted, std::chrono::milliseconds limit, ConnectTimes& times);

}  // namespace boni::egress
