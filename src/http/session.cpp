#include "http/session.hpp"

#include "base/id.hpp"
#include "base/log.hpp"
#include "http/problem.hpp"

namespace boni::http {

namespace {

constexpr std::size_t read_bytes = 8 * 1024;             // one API request and its headers, as a rule
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Session::Session(std::shared_ptr<Service> service, std::shared_ptr<Connection> connection, Peer peer)
    : service_{std::move(service)}, connection_{std::move(connection)}, peer_{std::move(peer)} {}

Task<> Session::run() {
    wait_as(WaitingRoom::Guest::unproven);
    connection_->expire_in(service_->limits.headers_timeout);
    auto const shaken = co_await connection_->handshake();
    if (!shaken) co_return connection_->close();
    for (auto after = After::keep; after != After::close && after != After::close_1_0;) {
        auto request = fresh_request();
        RequestParser parser{request, service_->limits};
        auto const came = co_await next_request(request, parser);
        if (came && *came == Came::nothing) co_return co_await connection_->finish(Connection::Last::nothing);
        seat_ = {};
        auto const response = came ? co_await respond(request) : problem(came.error(), request);
        after = parser.http_1_0() ? After::keep_1_0 : After::keep;
        auto const endless = response.pieces && !response.pieces->bytes && parser.http_1_0();   // only the end of the connection tells the end
        if (!came || !parser.keeps_alive() || service_->draining || endless) after = parser.http_1_0() ? After::close_1_0 : After::close;
        if (!co_await write(response, request, after)) co_return connection_->close();
        wait_as(came ? WaitingRoom::Guest::known : WaitingRoom::Guest::unproven);
    }
    co_await connection_->finish(Connection::Last::answer);
}

Task<> Session::turn_away() {
    connection_->expire_in(service_->limits.headers_timeout);
    auto const shaken = co_await connection_->handshake();
    if (!shaken) co_return connection_->close();
    auto const request = fresh_request();
    auto const response = problem({Errc::unavailable, "there are too many connections"}, request);
    if (co_await write(response, request, After::close)) co_await connection_->finish(Connection::Last::answer);
    connection_->close();
}

void Session::close_if_idle() {
    if (idle_) connection_->expire_in(0ms);
}

void Session::stop() {
    seat_ = {};
    connection_->close();
    stop_.emit(asio::cancellation_type::terminal);
}

Request Session::fresh_request() const {
    Request request;
    request.remote = peer_.remote;
    request.peer = peer_.credentials;
    request.tls = peer_.tls;
    request.id = RequestId::fresh(service_->clock.now()).str();
    return request;
}

Task<Result<Session::Came>> Session::next_request(Request& request, RequestParser& parser) {
    if (unread_.size() == 0) {
        if (service_->draining) co_return Came::nothing;
        idle_ = true;
        connection_->expire_in(service_->limits.idle_timeout);
        auto const came = co_await read_more("request");
        idle_ = false;
        if (!came || *came == Came::nothing) co_return Came::nothing;
    }
    connection_->expire_in(service_->limits.headers_timeout);
    CO_CHECK_OK(parse(parser));                          // as a rule all of it came at once
    if (!parser.headers_done()) {
        CO_TRY(auto const headers, co_await read_headers(parser));
        if (headers == Came::nothing) co_return headers;
    }
    if (parser.complete()) co_return Came::request;
    connection_->expire_in(service_->limits.body_timeout);
    if (parser.expects_continue() && unread_.size() == 0)
        if (auto const told = co_await connection_->write(go_on); !told) co_return Came::nothing;
    co_return co_await read_body(parser);
}

Task<Result<Session::Came>> Session::read_headers(RequestParser& parser) {
    while (!parser.headers_done()) {
        CO_TRY(auto const taken, parse(parser));
        if (parser.headers_done() || taken > 0) continue;
        CO_TRY(auto const came, co_await read_more("headers"));
        if (came == Came::nothing) co_return came;
    }
    co_return Came::request;
}

Task<Result<Session::Came>> Session::read_body(RequestParser& parser) {
    while (!parser.complete()) {
        CO_TRY(auto const taken, parse(parser));
        if (parser.complete() || taken > 0) continue;
        CO_TRY(auto const came, co_await read_more("body"));
        if (came == Came::nothing) co_return came;
    }
    co_return Came::request;
}

Task<Result<Session::Came>> Session::read_more(std::string_view what) {
    auto const size = co_await connection_->read_some(unread_.prepare(read_bytes));
    if (size) {
        unread_.commit(*size);
        co_return Came::request;
    }
    if (size.error().code != Errc::timeout) co_return Came::nothing;
    co_return fail(Errc::timeout, "the " + std::string{what} + " did not come in time", {}, "request_timeout");
}

Result<std::size_t> Session::parse(RequestParser& parser) {
    auto const bytes = [this] { return std::string_view{static_cast<char const*>(unread_.data().data()), unread_.size()}; };
    // Some clients end a body with one line break too many (RFC 9112 2.2).
    if (!parser.started() && bytes() == "\r") return 0;
    if (!parser.started() && bytes().starts_with("\r\n")) {
        unread_.consume(2);
        return 2;
    }
    TRY(auto const taken, parser.read(bytes()));
    unread_.consume(taken);
    return taken;
}

Task<Response> Session::respond(Request& request) {
    connection_->never_expire();
    std::optional<Error> escaped;
    try {
        co_return co_await service_->handler(request);
    } catch (std::exception const& error) {
        escaped = Error{Errc::internal, error.what()};
    }
    // Stopped from outside: nobody is there to be answered.
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return Response{};
    co_return problem(*escaped, request);
}

Task<Result<>> Session::write(Response const& response, Request const& request, After after) {
    auto const bytes = wire(response, request, service_->clock.now(), after);
    connection_->expire_in(service_->limits.write_timeout);
    CO_CHECK_OK(co_await connection_->write(bytes));
    if (!response.pieces || request.method == "HEAD") co_return Result<>{};
    auto written = co_await write_pieces(response, after);
    if (!written && written.error().code != Errc::timeout)
        log_warning("http", "an answer ended midway: " + written.error().what, {{"request", request.id}});
    co_return written;
}

/// A piece may take its time to be made, and has the whole write timeout to be read.
Task<Result<>> Session::write_pieces(Response const& response, After after) {
    auto const in_chunks = chunked(response, after);
    std::uint64_t total = 0;
    for (auto over = false; !over;) {
        connection_->never_expire();
        CO_TRY(auto piece, co_await response.pieces->next());
        over = piece.empty();
        total += piece.size();
        auto const fits = !response.pieces->bytes || (over ? total == *response.pieces->bytes : total <= *response.pieces->bytes);
        if (!fits) co_return fail(Errc::internal, "the body has another length than was said");
        if (in_chunks) piece = chunk(piece);
        connection_->expire_in(service_->limits.write_timeout);
        if (!piece.empty()) CO_CHECK_OK(co_await connection_->write(piece));
    }
    co_return Result<>{};
}

}  // namespace boni::http
