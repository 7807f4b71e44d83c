// One HTTP request as a handler sees it: framing and sizes are checked, the rest is the handler's. Plain value.
// Thread: the one it was read on. Owner: the session; it outlives the handler's task.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/json.hpp"
#include "http/headers.hpp"

namespace boni::http {

/// Who is at the other end of a Unix domain socket (SO_PEERCRED).
struct PeerCredentials {
    unsigned uid = 0;
    unsigned gid = 0;
    int pid = 0;
};

/// Query parameters in their order, decoded; a name may come more than once.
class Query {
  public:
    std::optional<std::string_view> get(std::string_view name) const;   ///< the first
    std::size_t count(std::string_view name) const;
    void add(std::string name, std::string value) { items_.emplace_back(std::move(name), std::move(value)); }
    auto begin() const { return items_.begin(); }
    auto end() const { return items_.end(); }
    bool empty() const { return items_.empty(); }

  private:
    std::vector<std::pair<std::string, std::string>> items_;
};

struct Request {
    std::string method;                              ///< upper case as it came; HEAD runs the handler of GET
    std::string path;                                ///< as it came, encoded, without the query: "/v1/calls/call_1"
    std::map<std::string, std::string, std::less<>> params;   ///< set by the router, decoded: {"call_id", "call_1"}
    Query query;
    Headers headers;
    std::string body;
    Address remote;                                  ///< all zero on a Unix domain socket
    std::optional<PeerCredentials> peer;             ///< set exactly on a Unix domain socket
    bool tls = false;
    std::string id;                                  ///< "req_...": of X-Request-Id and of problems

    /// The body as an object; no body is {}. Errc::malformed with token `unsupported_media_type` (not application/json, a charset
    /// other than utf-8, any Content-Encoding), `invalid_json`, or `validation_failed` (not an object).
    Result<json::object> json() const;
};

/// What is not HTTP/1.1 as we read it: 400.
Error malformed(std::string what);

/// Fills path and query from a request line's target in origin-form ("/path?query", RFC 9112 3.2.1), at most 8 KiB.
/// Errc::malformed token `malformed_request` for anything else: bad percent-encoding, an encoded NUL, what is not UTF-8 decoded.
Result<> read_target(Request& request, std::string_view target);

/// %XX decoded; nullopt when an escape is incomplete or says NUL. `plus`: '+' is a space, as in queries.
enum class Plus { literal, space };
std::optional<std::string> percent_decoded(std::string_view text, Plus plus);

/// The path decoded: one resource has one, however its letters are escaped.
std::string decoded_path(Request const& request);

}  // namespace boni::http
