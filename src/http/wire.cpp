#include "http/wire.hpp"

#include <algorithm>

#include <fmt/chrono.h>

#include "base/ascii.hpp"

namespace boni::http {

namespace {

/// Fields a handler cannot set: they describe this connection or are the same on every answer.
constexpr std::string_view ours[] = {"Connection", "Keep-Alive", "Content-Length", "Transfer-Encoding", "Date", "X-Request-Id"};

bool is_ours(std::string_view name) {
    return std::ranges::any_of(ours, [name](std::string_view one) { return same_word(one, name); });
}

void field(std::string& out, std::string_view name, std::string_view value) {
    // A line break in a value would begin a header, or an answer, of its own.
    auto const unsafe = [](char byte) { return byte != '\t' && (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f); };
    out.append(name).append(": ");
    auto const begin = out.size();
    out += value;
    std::replace_if(out.begin() + std::ptrdiff_t(begin), out.end(), unsafe, ' ');
    out += "\r\n";
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::string http_date(Instant at) {
    struct Second { std::time_t second = -1; std::string text{}; };
    thread_local Second last;                            // thousands of answers are of one second
    auto const second = std::time_t(unix_seconds(at));
    if (second != last.second) last = {second, fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(second))};
    return last.text;
}

bool chunked(Response const& response, After after) {
    return response.pieces && !response.pieces->bytes && after != After::keep_1_0 && after != After::close_1_0;
}

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

std::string wire(Response const& response, Request const& request, Instant now, After after) {
    std::string out;
    out.reserve(512 + response.body.size());
    out += fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
    field(out, "Date", http_date(now));
    field(out, "X-Request-Id", request.id);
    for (auto const& [name, value] : response.headers)
        if (!is_ours(name)) field(out, name, value);
    if (!response.headers.has("Cache-Control")) field(out, "Cache-Control", "no-store");
    if (chunked(response, after)) field(out, "Transfer-Encoding", "chunked");
    else if (response.pieces && response.pieces->bytes) field(out, "Content-Length", std::to_string(*response.pieces->bytes));
    else if (!response.pieces && !has_no_body(response.status)) field(out, "Content-Length", std::to_string(response.body.size()));
    if (after == After::close || after == After::close_1_0) field(out, "Connection", "close");
    if (after == After::keep_1_0) field(out, "Connection", "keep-alive");
    out += "\r\n";
    if (request.method != "HEAD" && !has_no_body(response.status)) out += response.body;
    return out;
}

}  // namespace boni::http
