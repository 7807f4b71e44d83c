// What a reader of the API is given: /openapi.json, /openapi.yaml and the page /docs that shows them, all inside the binary.
// Thread: control.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace boni::app {

struct ReferenceFile {
    std::string_view path;           ///< as it is asked for
    std::string_view type;           ///< Content-Type
    std::string_view tag;            ///< changes with the content; of what the ETag is made
    std::string_view gzip;
    std::size_t size;                ///< bytes, once unpacked
};

/// Made from openapi.yaml and web/reference when the binary is built (tools/embed_reference.py).
std::span<ReferenceFile const> reference_files();

/// The answer to GET and HEAD, 304 to whoever has it already, 405 to other methods; nullopt: the request is about something else.
/// Gzipped for clients that take it. The page may load from this server and from nowhere else (Content-Security-Policy).
std::optional<http::Response> reference(http::Request const& request);

}  // namespace boni::app
