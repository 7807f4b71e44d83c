#include "app/reference.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <zlib.h>

#include "base/ascii.hpp"
#include "http/router.hpp"

namespace boni::app {
namespace {

// Redoc styles its page from its script, draws with data: images and searches in a worker it makes from a blob:.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; worker-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Once per file and only when somebody takes no gzip: a browser never does, a shell script seldom.
std::string const& unpacked(ReferenceFile const& file) {
    static std::map<std::string_view, std::string> known;
    auto& text = known[file.path];
    if (!text.empty()) return text;
    text.resize(file.size);
    z_stream stream{};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.gzip.data()));
    stream.avail_in = uInt(file.gzip.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = uInt(text.size());
    constexpr int gzip_window = 15 + 16;   // the largest window, and a gzip header around it
    ENSURE(inflateInit2(&stream, gzip_window) == Z_OK);
    auto const ended = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    ENSURE(ended == Z_STREAM_END && stream.avail_out == 0);
    return text;
}

/// Accept-Encoding names gzip, and not to refuse it with q=0 (RFC 9110 12.5.3). A wildcard is not worth a grammar: plain is right too.
bool takes_gzip(http::Request const& request) {
    auto rest = request.headers.get("Accept-Encoding").value_or("");
    while (!rest.empty()) {
        auto const one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        if (!same_word(trim(one.substr(0, one.find(';'))), "gzip")) continue;
        auto const weight = one.find("q=");
        return weight == one.npos || one.find_first_of("123456789", weight) != one.npos;
    }
    return false;
}

http::Response answer(ReferenceFile const& file, http::Request const& request) {
    auto const gzip = takes_gzip(request);
    auto const tag = '"' + std::string{file.tag} + (gzip ? "-gzip\"" : "\"");
    auto const known = request.headers.get("If-None-Match").value_or("").contains(tag);
    http::Response out{known ? 304 : 200, {{"ETag", tag}, {"Vary", "Accept-Encoding"}, {"X-Content-Type-Options", "nosniff"},
                                           {"Referrer-Policy", "no-referrer"}}, {}};
    // A script's name changes with what is in it; everything else is asked about each time.
    auto const script = file.path.ends_with(".js");
    out.headers.set("Cache-Control", script ? "public, max-age=31536000, immutable" : "no-cache");
    if (file.type.starts_with("text/html")) out.headers.set("Content-Security-Policy", std::string{page_policy});
    if (known) return out;
    out.headers.set("Content-Type", std::string{file.type});
    if (gzip) out.headers.set("Content-Encoding", "gzip");
    out.body = gzip ? std::string{file.gzip} : unpacked(file);
    return out;
}

}  // namespace

std::optional<http::Response> reference(http::Request const& request) {
    auto const path = request.path == "/docs/" ? std::string_view{"/docs"} : std::string_view{request.path};
    auto const file = std::ranges::find(reference_files(), path, &ReferenceFile::path);
    if (file == reference_files().end()) return std::nullopt;
    return http::reads(request) ? answer(*file, request) : http::not_read(request);
}

}  // namespace boni::app
