// What a reader of the API is given: /openapi.json, /openapi.yaml and the page /docs that shows them, all inside the binary.
// Thread: control.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
/// The address of the API in openapi.yaml, up to /v1.
std::string_view documented_server();

class Reference {
  public:
    /// `public_url`: by what customers reach this server, as in http.public_url; the document names it. Empty: the document as it is written.
    explicit Reference(std::string_view public_url);
    Reference(Reference const&) = delete;            // files_ look into made_

    /// The answer to GET and HEAD, 304 to whoever has it already, 405 to other methods; nullopt: the request is about something else.
    /// Gzipped for clients that take it. The page may load from this server and from nowhere else (Content-Security-Policy).
    std::optional<http::Response> answer(http::Request const& request);

  private:
    std::string const& unpacked(ReferenceFile const& file);

    std::deque<std::string> made_;                   ///< tags and bytes that are not in the binary
    std::vector<ReferenceFile> files_;
    std::map<std::string_view, std::string> unpacked_;
};

}  // namespace boni::app
