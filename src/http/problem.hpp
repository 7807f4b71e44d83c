// An Error as an HTTP answer: one table of statuses and tokens (api-semantics 3). Thread: any.
#pragma once

#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace boni::http {

/// The status of an error: its token's where the token has one of its own (413, 415, 431 ...), else its code's.
int status_of(Error const& error);
/// The public `error` value: the error's token, else the default of its code.
std::string_view token_of(Error const& error);

struct Detail {
    std::string field;                               ///< JSON path or parameter name
    std::string code;
    std::string message;
};

/// {"success": false, "error", "message", "requestId", "details"?}. An error with a field has one detail. A `what` of two lines
/// is the message, then the detail's message. Errc::internal says nothing of its `what`: that is logged here, once.
/// 429 and 503 carry `Retry-After: 1` until the caller sets another.
Response problem(Error const& error, Request const& request);
Response problem(Error const& error, Request const& request, std::vector<Detail> const& details);

/// As CO_TRY in a handler whose parameter is `request`: the error becomes the answer.
#define BONI_CO_TRY_HTTP(tmp, var, ...)                                           \
    auto tmp = (__VA_ARGS__);                                                     \
    if (!tmp) co_return ::boni::http::problem(std::move(tmp).error(), request);   \
    var = *std::move(tmp)
#define CO_TRY_HTTP(var, ...) BONI_CO_TRY_HTTP(BONI_UNIQUE(try_), var, __VA_ARGS__)

}  // namespace boni::http
