// Sends one HTTP request to a customer's server, or says in one token why not. The only way out for HTTP (egress.md 4 and 5).
//
// Thread: control. Every send resolves and vets anew, kept-alive connections included. No redirects, cookies, proxies or upgrades.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "egress/resolver.hpp"
#include "egress/url.hpp"

namespace boni::egress {

class Dialer;

/// How far a request came: a phase that it did not get through has no time.
struct HttpTimings {
    std::optional<std::chrono::milliseconds> dns;         ///< zero for literals
    std::optional<std::chrono::milliseconds> connect;     ///< zero when reused
    std::optional<std::chrono::milliseconds> tls;         ///< zero when reused, or plain
    std::optional<std::chrono::milliseconds> first_byte;  ///< from the start
    std::optional<std::chrono::milliseconds> total;
    int status = 0;                                       ///< of the answer, once its head has come
    bool reused = false;
    Address remote;                                       ///< to what the request went, or TLS failed with
};

/// Plain value. Host, Content-Length, Connection and Accept-Encoding are the client's own and refused in `headers`.
struct HttpRequest {
    std::string tenant;                                   ///< connections are never shared between tenants
    Use use = Use::http;                                  ///< of the field the URL comes from
    std::string method = "POST";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{5'000};     ///< TCP and TLS together
    std::chrono::milliseconds first_byte_timeout{15'000}; ///< from the request written to the first byte of the answer
    std::chrono::milliseconds total_timeout{15'000};      ///< everything, DNS included
    std::string deadline_header;                          ///< has what is left of it in ms when the request is written; empty: none has
    std::size_t body_max = 16 * 1024;
    /// What a longer body is: a failed request (`too_large`), or cut at `body_max` and the connection closed: the status counts, also of
    /// a body that breaks off or does not come. An answer of 400 and more is never refused for its body, and has what of it came within
    /// a second.
    enum class Oversize { refuse, cut } oversize = Oversize::refuse;
    /// Awaited between head and body of a final answer that is no redirect, with its Content-Length: whether there is room for the body,
    /// which is read only then. Its error is the answer. Within `total_timeout`; empty: there is room.
    std::function<Task<Result<>>(std::optional<std::uint64_t> declared)> before_body;
    /// Whether the body of an answer below 300 is worth reading. It is `bad_content_type` when not; empty: all are.
    bool (*of_use)(int status, std::string_view content_type) = nullptr;
    /// Told the status of an answer that begins when `total_timeout` is over; for that the connection is kept for `late_max`. Empty: it is closed.
    std::function<void(int status)> late;
    Address avoid{};                                      ///< an address the last attempt failed on: others of the name go first
    HttpTimings* timings = nullptr;                       ///< told as they come, also of a request that fails; outlives the send
};

struct HttpResponse {
    int status = 0;
    /// In their order, names lower case; those that lead elsewhere (Location, Refresh, Link, Alt-Svc, Set-Cookie and HSTS) are gone.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    HttpTimings timings;
};

constexpr std::chrono::milliseconds late_max{10'000};     ///< what comes later is nobody's
constexpr int late_waiting_max = 64;                      ///< connections kept for an answer that is late; those beyond are closed

/// Value of the first header of that name (any case), empty without.
std::string_view header_of(HttpResponse const& response, std::string_view name);

class HttpClient {
  public:
    /// Policy and resolver outlive the client. The second form also replaces the sockets, for tests and simulations.
    /// Throws std::runtime_error when the policy's CA file cannot be used.
    HttpClient(asio::any_io_executor control, Policy const& policy, Resolver& resolver);
    HttpClient(asio::any_io_executor control, Policy const& policy, Resolver& resolver, Dialer& dialer);
    ~HttpClient();
    HttpClient(HttpClient const&) = delete;

    /// Any final status is an answer; a 3xx comes without its body and is the caller's `redirect_blocked`, and so does an encoded answer
    /// of 400 and more: its status says enough. The error's token is what a timeline or a delivery shows: `egress_blocked`, `dns`,
    /// `connect` (refused, reset, not HTTP), `tls`, `timeout`, `too_large`, `bad_content_type` (a 2xx with an encoded body),
    /// `invalid_request` (our own header or method). `what` never holds a URL or an address.
    /// A reused connection that fails before the first byte is replaced once. Cancelling aborts the request.
    Task<Result<HttpResponse>> send(HttpRequest request);

    /// Stages 1 and 2 when a URL or SIP URI is saved: Errc::invalid `unsafe_url`, the same bytes whether the name is missing or
    /// private; `field` is the caller's to set.
    Task<Result<>> vet(std::string url, Use use);

    /// Closes every idle connection: the policy changed, or the process ends.
    void close_idle();

  private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace boni::egress
