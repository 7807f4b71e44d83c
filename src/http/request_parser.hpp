// Bytes to one request, with our limits (api-semantics 1, step 1). No I/O: Beast's parser below, its storage is our Request.
// Thread: any. Owner: the session, one for each request.
#pragma once

#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "http/limits.hpp"
#include "http/request.hpp"

namespace boni::http {

class RequestParser : private boost::beast::http::basic_parser<true> {
  public:
    /// `into` outlives the parser and is filled as the bytes come.
    RequestParser(Request& into, Limits const& limits);

    /// Takes what it can from the front of `bytes` and tells how much; stops behind the headers and behind the request. Taking
    /// nothing means: come again with more behind these. Errc::malformed with token `malformed_request`, `headers_too_large` or
    /// `payload_too_large`; the connection cannot be used after one.
    Result<std::size_t> read(std::string_view bytes);

    bool started() const { return got_some(); }
    bool headers_done() const { return is_header_done(); }
    bool complete() const { return is_done(); }
    /// The client keeps the connection (RFC 9112 9.3).
    bool keeps_alive() const { return is_header_done() && keep_alive(); }
    bool http_1_0() const { return version_ == 10; }
    /// It waits for 100 before it sends the body (RFC 9110 10.1.1).
    bool expects_continue() const;

  private:
    using Code = boost::beast::error_code;
    using Text = boost::beast::string_view;
    using Field = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version, Code& code) override;
    void on_response_impl(int, Text, int, Code&) override {}
    void on_field_impl(Field field, Text name, Text value, Code& code) override;
    void on_header_impl(Code& code) override;
    void on_body_init_impl(boost::optional<std::uint64_t> const& length, Code& code) override;
    std::size_t on_body_impl(Text bytes, Code& code) override;
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t remain, Text bytes, Code& code) override;
    void on_finish_impl(Code&) override {}

    void refuse(Code& code, Error why);

    Request& request_;
    Limits const& limits_;
    int version_ = 11;
    std::size_t fields_ = 0;               // trailers included, as below
    std::size_t header_bytes_ = 0;
    std::optional<Error> refused_;         // ours; Beast only knows that it stopped
};

}  // namespace boni::http
