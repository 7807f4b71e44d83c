#include "egress/exchange.hpp"

#include <algorithm>
#include <array>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/ascii.hpp"

namespace boni::egress {
namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

constexpr std::uint32_t headers_bytes_max = 16 * 1024;   // of an answer
constexpr std::size_t read_max = 64 * 1024;              // what one read brings: what a body can be beyond its limit when that is seen; and
                                                         // what cannot be parsed yet: a chunk's head with its extensions, the trailers
constexpr std::chrono::milliseconds page_time_max{1'000}; // for the rest of an answer of 400 and more, whose status is known
constexpr std::chrono::milliseconds before_the_limit{100};   // of the request: it cancels us, and with us what has come

/// Fields that lead elsewhere or are for browsers; nobody behind us shall be tempted (egress.md 5).
constexpr std::array<std::string_view, 6> dropped{"location", "refresh", "link", "alt-svc", "set-cookie", "strict-transport-security"};

std::unexpected<Error> failed(boost::system::error_code error) {
    if (error == beast::error::timeout) return fail(Errc::timeout, "no answer in time", {}, "timeout");
    if (error == bhttp::error::header_limit || error == bhttp::error::body_limit || error == bhttp::error::buffer_overflow)
        return fail(Errc::unavailable, "the answer's header is too large", {}, "too_large");
    return fail(Errc::unavailable, "the connection failed: " + error.message(), {}, "connect");
}

bhttp::request<bhttp::string_body> message(HttpRequest const& request, Url const& url, std::chrono::milliseconds left) {
    bhttp::request<bhttp::string_body> out;
    out.version(11);
    out.method_string(request.method);
    out.target(url.target);
    out.set(bhttp::field::host, url.authority());
    for (auto const& [name, value] : request.headers) out.insert(name, value);
    if (!request.deadline_header.empty()) out.insert(request.deadline_header, std::to_string(left.count()));
    out.set(bhttp::field::accept_encoding, "identity");
    out.body() = request.body;
    out.prepare_payload();
    return out;
}

/// A string as long as what has come: Beast's own makes room for whatever Content-Length announces, 2^61 bytes too.
struct Grown {
    using value_type = std::string;
    class reader {
      public:
        template <bool IsRequest, class Fields>
        reader(bhttp::header<IsRequest, Fields>&, std::string& body) : body_{body} {}
        void init(boost::optional<std::uint64_t> const&, boost::system::error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(Buffers const& from, boost::system::error_code& error) {
            error = {};
            for (auto const buffer : beast::buffers_range_ref(from)) body_.append(static_cast<char const*>(buffer.data()), buffer.size());
            return beast::buffer_bytes(from);
        }
        void finish(boost::system::error_code& error) { error = {}; }

      private:
        std::string& body_;
    };
};

HttpResponse plain(bhttp::response<Grown>&& from) {
    HttpResponse out;
    out.status = int(from.result_int());
    for (auto const& field : from) {
        auto name = lower(field.name_string());
        if (std::ranges::find(dropped, name) == dropped.end()) out.headers.emplace_back(std::move(name), std::string{field.value()});
    }
    out.body = std::move(from.body());
    return out;
}

bool encoded(bhttp::fields const& fields) {
    auto const encoding = fields[bhttp::field::content_encoding];
    return !encoding.empty() && !beast::iequals(encoding, "identity");
}

using Parser = bhttp::response_parser<Grown>;

/// Up to the end of the answer's head; what comes before the answer is passed over (RFC 9110 15.2).
Task<Result<>> read_head(Connection& connection, beast::flat_buffer& buffer, std::optional<Parser>& parser, Progress& progress) {
    for (auto interim = 0;; ++interim) {
        parser.emplace();
        parser->header_limit(headers_bytes_max);
        parser->body_limit(boost::none);   // ours, in read_body
        boost::system::error_code error;
        co_await bhttp::async_read_header(connection, buffer, *parser, asio::redirect_error(asio::use_awaitable, error));
        if (!progress.first_byte_seen && (parser->got_some() || buffer.size() > 0)) {
            progress.first_byte_seen = true;
            progress.first_byte_at = std::chrono::steady_clock::now();
        }
        if (error) co_return failed(error);
        if (parser->get().result_int() >= 200) co_return Result<>{};
        if (parser->get().result_int() == 101 || interim == interim_max)
            co_return fail(Errc::unavailable, "an answer that was not asked for", {}, "connect");
    }
}

/// Room for the body, when the request asks for it first: taken at once and once, as a string that grows takes up to three times its size.
Task<Result<>> make_room(Parser& parser, HttpRequest const& request) {
    if (!request.before_body) co_return Result<>{};
    std::optional<std::uint64_t> declared;
    if (auto const length = parser.content_length()) declared = *length;
    if (declared && *declared > request.body_max) co_return Result<>{};   // read_body tells what becomes of it
    CO_CHECK_OK(co_await request.before_body(declared));
    parser.get().body().reserve(declared ? std::size_t(*declared) : request.body_max + read_max);
    co_return Result<>{};
}

/// Else the status says enough.
bool wants_all(Parser const& parser, HttpRequest const& request) {
    return request.oversize == HttpRequest::Oversize::refuse && parser.get().result_int() < 400;
}

/// The rest of the body, up to the request's limit. True when it was read to its end. Where the status says enough, what is longer is cut and what
/// breaks off or stands still is short: an error page may be of any size.
Task<Result<bool>> read_body(Connection& connection, beast::flat_buffer& buffer, Parser& parser, HttpRequest const& request) {
    auto const refuses = request.oversize == HttpRequest::Oversize::refuse;
    auto const too_large = [&]() -> Result<bool> {
        if (wants_all(parser, request)) return fail(Errc::unavailable, "the answer's body is too large", {}, "too_large");
        auto& body = parser.get().body();
        body.resize(std::min(body.size(), request.body_max));
        return false;
    };
    while (!parser.is_done()) {
        auto const declared = parser.content_length();
        if (parser.get().body().size() > request.body_max || (refuses && declared && *declared > request.body_max)) co_return too_large();
        boost::system::error_code error;
        co_await bhttp::async_read_some(connection, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
        if (error && !wants_all(parser, request) && error != asio::error::operation_aborted) co_return false;
        if (error) co_return failed(error);
    }
    if (parser.get().body().size() > request.body_max) co_return too_large();
    co_return true;
}

}  // namespace

Task<Result<HttpResponse>> exchange(Connection& connection, HttpRequest const& request, Url const& url, Progress& progress) {
    auto& socket = connection.lowest();
    socket.expires_after(request.first_byte_timeout);
    boost::system::error_code error;
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(progress.until - std::chrono::steady_clock::now());
    auto outgoing = message(request, url, std::max(left, std::chrono::milliseconds{0}));
    co_await bhttp::async_write(connection, outgoing, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return failed(error);

    progress.sent = true;
    beast::flat_buffer buffer{read_max};
    std::optional<Parser> parser;
    CO_CHECK_OK(co_await read_head(connection, buffer, parser, progress));
    auto const status = parser->get().result_int();
    progress.status = int(status);
    auto const last = progress.until - before_the_limit;
    if (wants_all(*parser, request)) socket.expires_never();   // from here the total limit rules
    else socket.expires_at(status >= 400 ? std::min(last, std::chrono::steady_clock::now() + page_time_max) : last);
    auto const unreadable = encoded(parser->get()) && !parser->is_done();
    if (is_redirect(status)) count_refusal("redirect", request.use);
    if (is_redirect(status) || (status >= 400 && unreadable)) co_return plain(parser->release());
    if (unreadable) co_return fail(Errc::unavailable, "an encoded body was not asked for", {}, "bad_content_type");
    if (status < 300 && request.of_use && !request.of_use(int(status), parser->get()[bhttp::field::content_type]))
        co_return fail(Errc::unavailable, "an answer of another type than was asked for", {}, "bad_content_type");
    CO_CHECK_OK(co_await make_room(*parser, request));
    CO_TRY(auto const whole, co_await read_body(connection, buffer, *parser, request));
    socket.expires_never();
    progress.reusable = whole && parser->keep_alive() && buffer.size() == 0;
    co_return plain(parser->release());
}

Task<int> late_answer(Connection& connection) {
    connection.lowest().expires_after(late_max);
    beast::flat_buffer buffer{read_max};
    std::optional<Parser> parser;
    Progress progress;
    auto const came = co_await read_head(connection, buffer, parser, progress);
    co_return came ? int(parser->get().result_int()) : 0;
}

}  // namespace boni::egress
