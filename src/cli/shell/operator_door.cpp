#include "cli/shell/operator_door.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "base/number.hpp"
#include "base/task.hpp"

namespace boni::cli {
namespace {

namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

struct ApiUrl {
    bool tls = false;
    std::string host;
    std::string port;
};

Result<ApiUrl> parsed(std::string_view url) {
    ApiUrl out;
    out.tls = url.starts_with("https://");
    if (!out.tls && !url.starts_with("http://")) return fail(Errc::invalid, fmt::format("'{}' must begin with http:// or https://", url));
    auto rest = url.substr(out.tls ? 8 : 7);
    rest = rest.substr(0, rest.find('/'));
    auto const colon = rest.rfind(':');
    auto const port_given = colon != rest.npos && rest.find(']', colon) == rest.npos;
    out.host = rest.substr(0, port_given ? colon : rest.npos);
    out.port = port_given ? std::string{rest.substr(colon + 1)} : out.tls ? "443" : "80";
    if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
    if (out.host.empty()) return fail(Errc::invalid, fmt::format("'{}' names no host", url));
    if (number_of<std::uint16_t>(out.port).value_or(0) == 0) return fail(Errc::invalid, fmt::format("'{}' names no port that there is", url));   // 65537 would be 1
    return out;
}

std::string text_of(OperatorRequest const& request) {
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: boni\r\nConnection: close\r\n", request.method, request.path);
    if (!request.key.empty()) text += fmt::format("X-API-Key: {}\r\n", request.key);
    if (!request.body.empty()) text += "Content-Type: application/json\r\n";
    if (request.method != "GET") text += fmt::format("Content-Length: {}\r\n", request.body.size());
    return text + "\r\n" + request.body;
}

/// How many bytes came; 0: the peer has said all.
Task<Result<std::size_t>> some(auto& stream, asio::mutable_buffer into) {
    boost::system::error_code failed;
    auto const size = co_await stream.async_read_some(into, asio::redirect_error(asio::use_awaitable, failed));
    if (!failed || failed == asio::error::eof || failed == asio::ssl::error::stream_truncated) co_return size;
    co_return fail(Errc::unavailable, failed.message());
}

Task<Result<>> sent(auto& stream, std::string const& text) {
    co_await asio::async_write(stream, asio::buffer(text), asio::use_awaitable);
    co_return Result<>{};
}

/// The answer's body is handed on as it comes and never kept.
Task<Result<>> round_trip(auto& stream, OperatorDoor const& door, OperatorRequest const& request, OnBytes const& heard) {
    CO_CHECK_OK(co_await within(door.patience, sent(stream, text_of(request))));
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(boost::none);
    parser.eager(true);
    std::string unread;
    std::array<char, 64 * 1024> piece;
    while (!parser.is_done()) {
        CO_TRY(auto const size, co_await within(door.patience, some(stream, asio::buffer(piece))));
        beast::error_code wrong;
        if (size == 0) parser.put_eof(wrong);
        unread.append(piece.data(), size);
        while (!wrong && !unread.empty() && !parser.is_done()) unread.erase(0, parser.put(asio::buffer(unread), wrong));
        if (wrong && wrong != beast::http::error::need_more) co_return fail(Errc::unavailable, wrong.message());
        if (!parser.is_header_done()) continue;
        heard(int(parser.get().result_int()), std::exchange(parser.get().body(), {}));
    }
    co_return Result<>{};
}

Task<Result<>> connected(auto& socket, auto const& where) {
    co_await socket.async_connect(where, asio::use_awaitable);
    co_return Result<>{};
}

Task<Result<>> over_socket(OperatorDoor const& door, OperatorRequest const& request, OnBytes const& heard) {
    Local::socket socket{co_await asio::this_coro::executor};
    CO_CHECK_OK(co_await within(door.patience, connected(socket, Local::endpoint{door.socket})));
    co_return co_await round_trip(socket, door, request, heard);
}

Task<Result<>> connected_to_one(Tcp::socket& socket, Tcp::resolver::results_type const& found) {
    co_await asio::async_connect(socket, found, asio::use_awaitable);
    co_return Result<>{};
}

Task<Result<>> shaken_hands(asio::ssl::stream<Tcp::socket&>& stream) {
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return Result<>{};
}

Task<Result<>> over_api(ApiUrl const& url, OperatorDoor const& door, OperatorRequest const& request, OnBytes const& heard) {
    auto const executor = co_await asio::this_coro::executor;
    auto const found = Tcp::resolver{executor}.resolve(url.host, url.port);
    Tcp::socket socket{executor};
    CO_CHECK_OK(co_await within(door.patience, connected_to_one(socket, found)));
    if (!url.tls) co_return co_await round_trip(socket, door, request, heard);
    asio::ssl::context context{asio::ssl::context::tls_client};
    context.set_default_verify_paths();
    asio::ssl::stream<Tcp::socket&> stream{socket, context};
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification{url.host});
    SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    CO_CHECK_OK(co_await within(door.patience, shaken_hands(stream)));
    co_return co_await round_trip(stream, door, request, heard);
}

/// To its end.
Result<> run(Task<Result<>> talk) {
    asio::io_context io;
    Result<> answer;
    asio::co_spawn(io, std::move(talk), [&](std::exception_ptr escaped, Result<> said) {
        if (escaped) std::rethrow_exception(escaped);
        answer = std::move(said);
    });
    io.run();
    return answer;
}

}  // namespace

Result<> exchange(OperatorDoor const& door, OperatorRequest const& request, OnBytes const& heard) {
    try {
        if (door.api.empty()) return run(over_socket(door, request, heard));
        TRY(auto const url, parsed(door.api));
        return run(over_api(url, door, request, heard));
    } catch (boost::system::system_error const& error) {
        return fail(Errc::unavailable, error.code().message());
    } catch (std::exception const& error) {
        return fail(Errc::unavailable, error.what());
    }
}

}  // namespace boni::cli
