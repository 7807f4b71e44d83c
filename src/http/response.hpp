// One HTTP response as a handler makes it; the session adds Date, Content-Length, Connection, X-Request-Id and Cache-Control.
// Plain value. Thread: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/task.hpp"
#include "http/headers.hpp"

namespace boni::http {

/// A body too large to hold, made while it is written: one piece is in memory at a time.
struct Pieces {
    std::optional<std::uint64_t> bytes;              ///< of all of them, where known: Content-Length, else chunked
    /// Awaited on the session's thread; empty: that was all. An error ends the connection midway, which tells the client.
    std::function<Task<Result<std::string>>()> next;
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    std::optional<Pieces> pieces{};                  ///< instead of `body`
};

Response json_response(int status, json::value const& document);
/// `document` none: an empty body without a content type. `link`: the value of Link; empty: none.
Response json_response(int status, std::optional<json::value> const& document, std::string link);
inline Response ok(json::value const& document) { return json_response(200, document); }
inline Response created(json::value const& document) { return json_response(201, document); }
inline Response accepted(json::value const& document) { return json_response(202, document); }
Response text_response(int status, std::string text, std::string content_type = "text/plain; charset=utf-8");

/// "OK", "Not Found"; "Status" for what has no name here.
std::string_view reason_of(int status);

}  // namespace boni::http
