#include "app/reference.hpp"

#include <algorithm>

#include <zlib.h>

#include "base/ascii.hpp"
#include "base/crypto.hpp"
#include "http/router.hpp"

namespace boni::app {
namespace {

// Redoc styles its page from its script, draws with data: images and searches in a worker it makes from a blob:.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; worker-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr int gzip_window = 15 + 16;   // the largest window, and a gzip header around it

std::string unzipped(ReferenceFile const& file) {
    std::string text(file.size, '\0');
    z_stream stream{};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.gzip.data()));
    stream.avail_in = uInt(file.gzip.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = uInt(text.size());
    ENSURE(inflateInit2(&stream, gzip_window) == Z_OK);
    auto const ended = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    ENSURE(ended == Z_STREAM_END && stream.avail_out == 0);
    return text;
}

std::string zipped(std::string& text) {
    z_stream stream{};
    ENSURE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, uLong(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = uInt(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = uInt(out.size());
    auto const ended = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    ENSURE(ended == Z_STREAM_END);
    return out;
}

std::string with_server(std::string text, std::string const& server) {
    auto const before = documented_server();
    for (auto at = text.find(before); at != text.npos; at = text.find(before, at + server.size())) text.replace(at, before.size(), server);
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

/// Without a body, which is only needed by who has not got it already.
http::Response head_of(ReferenceFile const& file, http::Request const& request, bool gzip) {
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
    return out;
}

}  // namespace

Reference::Reference(std::string_view public_url) : files_{reference_files().begin(), reference_files().end()} {
    if (public_url.empty()) return;
    auto const server = std::string{public_url} + "/v1";
    auto const keep = [this](std::string text) -> std::string_view { return made_.emplace_back(std::move(text)); };
    for (auto& file : files_) {
        if (!file.path.starts_with("/openapi.")) continue;
        auto text = with_server(unzipped(file), server);
        file.tag = keep(sha256_hex(text).substr(0, file.tag.size()));
        file.size = text.size();
        file.gzip = keep(zipped(text));
    }
}

std::optional<http::Response> Reference::answer(http::Request const& request) {
    auto const path = request.path == "/docs/" ? std::string_view{"/docs"} : std::string_view{request.path};
    auto const file = std::ranges::find(files_, path, &ReferenceFile::path);
    if (file == files_.end()) return std::nullopt;
    if (!http::reads(request)) return http::not_read(request);
    auto const gzip = takes_gzip(request);
    auto out = head_of(*file, request, gzip);
    if (out.status == 200) out.body = gzip ? std::string{file->gzip} : unpacked(*file);
    return out;
}

/// Once per file and only when somebody takes no gzip: a browser never does, a shell script seldom.
std::string const& Reference::unpacked(ReferenceFile const& file) {
    auto const [found, fresh] = unpacked_.try_emplace(file.path);
    if (fresh) found->second = unzipped(file);
    return found->second;
}

}  // namespace boni::app
