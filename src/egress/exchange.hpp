// One HTTP/1.1 request and its answer over a connection that exists (egress.md 4 and 5). Thread: control.
#pragma once

#include "egress/connect.hpp"
#include "egress/http_client.hpp"

namespace boni::egress {

struct Progress {
    bool sent = false;                                ///< the request is written
    bool first_byte_seen = false;
    std::chrono::steady_clock::time_point first_byte_at{};
    int status = 0;                                   ///< of the answer; 0: its head has not come
    bool reusable = false;                            ///< the answer was read to its end and both sides keep the connection
    std::chrono::steady_clock::time_point until{};    ///< in: when the total limit of the request comes
};

/// Answers of 1xx before the one that counts (RFC 9110 15.2).
constexpr int interim_max = 5;

/// Never followed (egress.md 5).
constexpr bool is_redirect(unsigned status) { return status >= 300 && status < 400; }

/// Errors as HttpClient::send; `progress` tells how far it came even then. The references outlive the task.
Task<Result<HttpResponse>> exchange(Connection& connection, HttpRequest const& request, Url const& url, Progress& progress);

/// The status of the answer to a request that was written and whose exchange was given up before anything came; 0: none came within `late_max`.
Task<int> late_answer(Connection& connection);

}  // namespace boni::egress
