#include "http/request_parser.hpp"

#include <algorithm>
#include <cctype>

#include <boost/beast/http/error.hpp>

#include "base/ascii.hpp"

namespace boni::http {

namespace {

namespace beast_http = boost::beast::http;

Error too_large(std::string what) { return {Errc::malformed, std::move(what), {}, "headers_too_large"}; }

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// A header that goes on in the next line: Beast joins the two, who stands before us may not (RFC 9112 5.2). It takes a field only
/// together with the first byte behind it, so that a fold is seen whole however its bytes come.
bool is_folded(std::string_view headers) {
    headers = headers.substr(0, headers.starts_with("\r\n") ? 0 : headers.find("\r\n\r\n"));
    return headers.contains("\r\n ") || headers.contains("\r\n\t");
}

/// A name or an address and perhaps a port (RFC 9110 7.2): nothing that begins a user, a path or a query where somebody makes a URL of it.
bool is_host(std::string_view text) {
    static constexpr std::string_view others = "-._~!$&'()*+,;=%:[]";
    return std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || others.find(char(c)) != std::string_view::npos; });
}

}  // namespace

RequestParser::RequestParser(Request& into, Limits const& limits) : request_{into}, limits_{limits} {
    header_limit(std::uint32_t(limits.headers_bytes_max));
    body_limit(limits.body_bytes_max);
    eager(false);                          // so that `read` stops behind the headers
}

Result<std::size_t> RequestParser::read(std::string_view bytes) {
    if (bytes.empty() || is_done()) return 0;
    if (!is_header_done() && is_folded(bytes)) return std::unexpected(malformed("a header goes on in the next line"));
    Code code;
    auto const taken = put(boost::asio::const_buffer{bytes.data(), bytes.size()}, code);
    if (refused_) return std::unexpected(*refused_);
    if (code == beast_http::error::need_more || !code) {
        // A line of the framing that does not end, a chunk's or a trailer: Beast would wait for it for ever.
        if (taken == 0 && bytes.size() > limits_.headers_bytes_max) return std::unexpected(too_large("a line of the request does not end"));
        return taken;
    }
    if (code == beast_http::error::header_limit)
        return std::unexpected(too_large(fmt::format("the headers are longer than {} bytes", limits_.headers_bytes_max)));
    if (code == beast_http::error::body_limit)
        return fail(Errc::malformed, fmt::format("the body is longer than {} bytes", limits_.body_bytes_max), {}, "payload_too_large");
    return std::unexpected(malformed("this is not HTTP/1.1: " + code.message()));
}

bool RequestParser::expects_continue() const {
    auto const expect = request_.headers.get("Expect");
    return expect && !http_1_0() && same_word(*expect, "100-continue");
}

void RequestParser::on_request_impl(beast_http::verb, Text method, Text target, int version, Code& code) {
    request_.method = view(method);
    version_ = version;
    header_bytes_ = method.size() + target.size() + 12;
    if (auto read = read_target(request_, view(target)); !read) refuse(code, std::move(read).error());
}

void RequestParser::on_field_impl(Field, Text name, Text value, Code& code) {
    // Beast's header_limit is on what came in one piece; slow senders are counted here.
    if ((header_bytes_ += name.size() + value.size() + 4) > limits_.headers_bytes_max)
        return refuse(code, too_large(fmt::format("the headers are longer than {} bytes", limits_.headers_bytes_max)));
    if (++fields_ > limits_.headers_max) return refuse(code, too_large(fmt::format("there are more than {} headers", limits_.headers_max)));
    if (name.size() + value.size() > limits_.header_bytes_max)
        return refuse(code, too_large(fmt::format("a header is longer than {} bytes", limits_.header_bytes_max)));
    if (is_header_done()) return;          // a trailer: nobody may smuggle a header past the checks behind a body (RFC 9110 6.5.1)
    request_.headers.add(std::string{view(name)}, std::string{view(value)});
}

/// What lets two parsers see two different requests in the same bytes is refused (RFC 9112 11.2).
void RequestParser::on_header_impl(Code& code) {
    auto const& headers = request_.headers;
    auto const hosts = headers.count("Host");
    if (hosts > 1 || (hosts == 0 && !http_1_0())) return refuse(code, malformed("there must be one Host header"));
    if (hosts == 1 && !is_host(*headers.get("Host"))) return refuse(code, malformed("the Host header is no host"));
    auto const length = headers.get("Content-Length");
    if (length && (headers.count("Content-Length") > 1 || length->contains(',')))
        return refuse(code, malformed("there must be one Content-Length"));
    auto const coding = headers.get("Transfer-Encoding");
    if (coding && (http_1_0() || headers.count("Transfer-Encoding") > 1 || !same_word(*coding, "chunked")))
        return refuse(code, malformed("the only Transfer-Encoding is chunked"));
}

void RequestParser::on_body_init_impl(boost::optional<std::uint64_t> const& length, Code&) {
    if (length) request_.body.reserve(std::size_t(*length));   // at most body_bytes_max, checked with the headers
}

std::size_t RequestParser::on_body_impl(Text bytes, Code&) {
    request_.body += view(bytes);
    return bytes.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text bytes, Code&) {
    request_.body += view(bytes);
    return bytes.size();
}

void RequestParser::refuse(Code& code, Error why) {
    refused_ = std::move(why);
    code = beast_http::error::bad_field;   // any error: the reason is `refused_`
}

}  // namespace boni::http
