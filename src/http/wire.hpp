// A response as the bytes of HTTP/1.1 (RFC 9112 4): what every answer carries is added here. No I/O. Thread: any.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace boni::http {

/// What the connection does behind this answer, in the words its client understands.
enum class After { keep, keep_1_0, close, close_1_0 };

/// The body of that answer comes in chunks (RFC 9112 7.1): its length is unknown, and the client is younger than HTTP/1.1's rules.
bool chunked(Response const& response, After after);
/// One of them; the last is empty.
std::string chunk(std::string_view bytes);

/// Head and body in one piece, for one write; only the head of an answer in pieces. Adds Date, Content-Length, X-Request-Id and,
/// unless the handler chose another, Cache-Control: no-store; hop-by-hop fields are ours alone. The answer to HEAD keeps its
/// Content-Length and loses its body.
std::string wire(Response const& response, Request const& request, Instant now, After after);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7).
std::string http_date(Instant at);

}  // namespace boni::http
