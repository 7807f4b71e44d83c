#include "cli/shell/operator_client.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>

#include "base/task.hpp"

namespace boni::cli {
namespace {

namespace beast = boost::beast;
using Request = beast::http::request<beast::http::string_body>;
using std::chrono::milliseconds;

constexpr std::size_t reply_bytes_max = 64 * 1024 * 1024;   // a list of every number there is

std::string variable(char const* name) {
    auto const* const value = std::getenv(name);
    return value ? value : "";
}

/// What the server answers: its status, then its body piece by piece.
using OnBytes = std::function<void(int status, std::string_view bytes)>;

/// Each step may take so long; the arguments outlive the task.
template <class Stream>
Task<> round_trip(Stream& stream, Request const& request, OnBytes const& heard, milliseconds patience) {
    auto& socket = beast::get_lowest_layer(stream);
    socket.expires_after(patience);
    co_await beast::http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::buffer_body> parser;
    parser.body_limit(boost::none);
    co_await beast::http::async_read_header(stream, buffer, parser, asio::use_awaitable);
    auto const status = int(parser.get().result_int());
    heard(status, {});
    std::array<char, 64 * 1024> piece;
    while (!parser.is_done()) {
        auto& body = parser.get().body();
        body.data = piece.data();
        body.size = piece.size();
        beast::error_code failed;
        socket.expires_after(patience);
        co_await beast::http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, failed));
        if (failed && failed != beast::http::error::need_buffer) throw boost::system::system_error{failed};
        heard(status, {piece.data(), piece.size() - body.size});
    }
}

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
    if (out.host.empty() || out.port.empty()) return fail(Errc::invalid, fmt::format("'{}' names no host", url));
    return out;
}

Task<> over_socket(std::string const& path, Request const& request, OnBytes const& heard, milliseconds patience) {
    beast::basic_stream<asio::local::stream_protocol> socket{co_await asio::this_coro::executor};
    socket.expires_after(patience);
    co_await socket.async_connect(asio::local::stream_protocol::endpoint{path}, asio::use_awaitable);
    co_await round_trip(socket, request, heard, patience);
}

Task<> over_api(ApiUrl const& url, Request const& request, OnBytes const& heard, milliseconds patience) {
    using Tcp = beast::basic_stream<asio::ip::tcp>;
    auto const executor = co_await asio::this_coro::executor;
    asio::ip::tcp::resolver resolver{executor};
    auto const found = resolver.resolve(url.host, url.port);
    asio::ssl::context tls{asio::ssl::context::tls_client};
    tls.set_default_verify_paths();
    beast::ssl_stream<Tcp> stream{Tcp{executor}, tls};
    stream.next_layer().expires_after(patience);
    co_await stream.next_layer().async_connect(found, asio::use_awaitable);
    if (!url.tls) co_return co_await round_trip(stream.next_layer(), request, heard, patience);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification{url.host});
    SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_await round_trip(stream, request, heard, patience);
}

/// To its end; throws what it throws.
void run(Task<> talk) {
    asio::io_context io;
    asio::co_spawn(io, std::move(talk), [](std::exception_ptr escaped) { if (escaped) std::rethrow_exception(escaped); });
    io.run();
}

std::string cell(json::value const* value) {
    if (!value) return "-";
    if (value->is_string()) return std::string{value->as_string()};
    return json::serialize(*value);
}

void print_table(json::array const& rows, std::vector<std::string> const& columns) {
    std::vector<std::vector<std::string>> lines{columns};
    std::vector<std::size_t> widths(columns.size(), 0);
    for (auto const& row : rows) {
        auto& line = lines.emplace_back();
        for (auto const& column : columns) line.push_back(row.is_object() ? cell(json::find(row.as_object(), column)) : "-");
    }
    for (auto const& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
    for (auto const& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) text += i + 1 < line.size() ? fmt::format("{:{}}  ", line[i], widths[i]) : line[i];
        std::cout << text << '\n';
    }
}

/// What the server said, and what to do about it.
int refused(int status, std::string const& body) {
    auto const document = json::parse(body);
    auto const said = [&](std::string_view name) {
        return document && document->is_object() ? std::string{json::text(document->as_object(), name).value_or("")} : std::string{};
    };
    std::cerr << fmt::format("boni: {} ({} {}), request {}\n", said("message"), status, said("error"), said("requestId"));
    if (status == 401) std::cerr << "set BONI_OPERATOR_KEY to a vp_oper_ key, made with: boni key create --operator\n";
    else if (status == 404) std::cerr << "list what is there with `ls`\n";
    return exit_refused;
}

}  // namespace

OperatorClient::OperatorClient(Arguments& arguments, milliseconds patience)
    : socket_{variable("BONI_ADMIN_SOCKET")}, api_{variable("BONI_OPERATOR_API")}, patience_{patience} {
    if (socket_.empty()) socket_ = "/run/boni/admin.sock";
    arguments.add_option("--socket", socket_, fmt::format("the server's admin socket [{}]", socket_))->type_name("PATH");
    arguments.add_option("--operator-api", api_, "its operator API instead; the key is in BONI_OPERATOR_KEY")->type_name("URL");
    arguments.add_flag("--json", json_, "the answer as it came");
    arguments.require_subcommand(1);
    arguments.fallthrough();
}

Result<OperatorClient::Reply> OperatorClient::exchange(std::string_view method, std::string const& path, std::string const& body, Sink const& sink) {
    auto const unreachable = [&](std::string const& why) {
        auto const next = api_.empty() ? "is `boni serve` or `boni dev` running, and is this its socket (--socket)?" : "is this its operator API?";
        return fail(Errc::unavailable, fmt::format("{}: {}; {}", api_.empty() ? socket_ : api_, why, next));
    };
    Request request;
    request.version(11);
    request.method_string(beast::string_view{method.data(), method.size()});
    request.target(path);
    request.set(beast::http::field::host, "boni");
    request.set(beast::http::field::connection, "close");
    if (auto const key = variable("BONI_OPERATOR_KEY"); !key.empty() && !api_.empty()) request.set("X-API-Key", key);
    if (!body.empty()) request.set(beast::http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    try {
        Reply reply;
        OnBytes const heard = [&](int status, std::string_view bytes) {
            reply.status = status == 0 ? 500 : status;
            if (sink && status < 400) sink(bytes);
            else if (reply.body.size() + bytes.size() <= reply_bytes_max) reply.body += bytes;
            else throw std::runtime_error{"the answer is larger than any list of ours"};
        };
        if (api_.empty()) {
            run(over_socket(socket_, request, heard, patience_));
        } else {
            TRY(auto const url, parsed(api_));
            run(over_api(url, request, heard, patience_));
        }
        return reply;
    } catch (boost::system::system_error const& error) {
        return unreachable(error.code().message());
    } catch (std::exception const& error) {
        return unreachable(error.what());
    }
}

int OperatorClient::ask(std::string_view method, std::string const& path, json::object const& body, std::vector<std::string> columns) {
    auto const reply = exchange(method, path, method == "GET" || method == "DELETE" ? std::string{} : json::serialize(body));
    if (!reply) return unreachable(reply.error());
    if (reply->status >= 400) return refused(reply->status, reply->body);
    if (json_) {
        if (!reply->body.empty()) std::cout << reply->body << '\n';
        return exit_ok;
    }
    if (reply->body.empty()) return exit_ok;
    auto const answer = json::parse(reply->body);
    if (!answer) {
        std::cerr << "boni: the server's answer is no JSON; is this a boni?\n";
        return exit_unreachable;
    }
    print(*answer, columns);
    return exit_ok;
}

int OperatorClient::unreachable(Error const& error) const {
    std::cerr << "boni: " << error.what << '\n';
    return error.code == Errc::invalid ? exit_usage : exit_unreachable;
}

/// Beside the file first: half an export under its name would pass for one.
int OperatorClient::save(std::string const& path, std::string const& file) {
    auto const beside = file + ".part";
    std::ofstream out;
    if (!file.empty()) {
        out.open(beside, std::ios::binary | std::ios::trunc);
        std::error_code ignored;
        std::filesystem::permissions(beside, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
    }
    auto& to = file.empty() ? static_cast<std::ostream&>(std::cout) : out;
    auto const reply = exchange("GET", path, {}, [&](std::string_view bytes) { to.write(bytes.data(), std::streamsize(bytes.size())); });
    auto const written = bool(to.flush());
    if (!file.empty()) out.close();
    std::error_code failed;
    if (!file.empty() && reply && reply->status < 400 && written) std::filesystem::rename(beside, file, failed);
    else if (!file.empty()) std::filesystem::remove(beside, failed);
    if (!reply) return unreachable(reply.error());
    if (reply->status >= 400) return refused(reply->status, reply->body);
    if (written && !failed) return exit_ok;
    std::cerr << fmt::format("boni: {} cannot be written\n", file.empty() ? "standard output" : file);
    return exit_failed;
}

void OperatorClient::print(json::value const& answer, std::vector<std::string> const& columns) const {
    if (!answer.is_object()) return;
    auto const& top = answer.as_object();
    if (auto const* const rows = json::array_at(top, "data")) {
        print_table(*rows, columns);
        if (auto const next = json::text(top, "nextCursor")) std::cerr << fmt::format("there is more: --cursor {}\n", *next);
        return;
    }
    for (auto const& member : top) std::cout << fmt::format("{:22} {}\n", std::string_view{member.key()}, cell(&member.value()));
}

std::string query(std::vector<std::pair<std::string, std::string>> const& parameters) {
    std::string out;
    for (auto const& [name, value] : parameters)
        if (!value.empty()) out += fmt::format("{}{}={}", out.empty() ? '?' : '&', name, segment(value));
    return out;
}

std::string segment(std::string_view text) {
    std::string out;
    for (unsigned char const c : text) {
        auto const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        out += plain ? std::string(1, char(c)) : fmt::format("%{:02X}", c);
    }
    return out;
}

}  // namespace boni::cli
