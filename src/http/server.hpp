// Listens, accepts and answers HTTP/1.1, over TCP, TLS or a Unix domain socket.
//
// Thread: control. Owner: App. Framing, sizes and times are checked here (api-semantics 1, step 1); everything else is the handler's.
//
//   http::Server server{io.get_executor(), clock, {.listen = address}, handle};
//   CHECK_OK(server.start());
//   log(server.local().text());
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/limits.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace boni::http {

/// The request lives until the task is done. What it throws is logged and answered with 500.
using Handler = std::function<Task<Response>(Request&)>;

struct ServerConfig {
    std::optional<Address> listen;                   ///< port 0: any
    std::string unix_socket;                         ///< path; replaced when nobody listens there, mode 0660; instead of `listen`
    std::string tls_pem_file;                        ///< key, leaf, chain; empty: plain
    Limits limits{};
};

class Server {
  public:
    Server(asio::any_io_executor control, Clock& clock, ServerConfig config, Handler handler);
    ~Server();                                       ///< stops
    Server(Server const&) = delete;

    /// Errc::unavailable with the address or file that cannot be used.
    Result<> start();
    /// As bound; all zero on a Unix domain socket.
    Address local() const;
    /// Reads the PEM file again; on failure the old chain stays. New connections only.
    Result<> reload_tls();

    /// Stops listening, closes idle connections, lets requests in flight end (`Connection: close`), at most `limit`; then stops.
    Task<> drain(std::chrono::milliseconds limit);
    /// Closes everything at once; idempotent.
    void stop();
    std::size_t connections() const;

  private:
    struct Inner;
    std::shared_ptr<Inner> inner_;                   // shared with the sessions, which end a turn of the loop later
};

}  // namespace boni::http
