// Listeners and the life of the server: TLS, Unix domain sockets, the limit on connections, draining and stopping.
#include <doctest/doctest.h>

#include <filesystem>

#include <sys/stat.h>

#include "http/listen.hpp"
#include "support/certificates.hpp"
#include "support/running_server.hpp"

using namespace boni;
using namespace boni::test;
using http::Request;
using http::Response;

namespace {

constexpr auto get_root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Task<Response> who(Request& request) {
    json::object out{{"tls", request.tls}, {"remote", request.remote.ip_text()}};
    if (request.peer) out["uid"] = request.peer->uid;
    if (request.peer) out["pid"] = request.peer->pid;
    co_return http::ok(out);
}

/// A handler that waits until it is let go; says so when it begins and when it is cancelled.
struct Slow {
    std::promise<void> began;
    std::promise<void> cancelled;
    asio::steady_timer* gate = nullptr;                  // in the waiting coroutine

    http::Handler handler() {
        return [this](Request&) -> Task<Response> { return wait(); };
    }
    Task<Response> wait() {
        asio::steady_timer timer{co_await asio::this_coro::executor, 1h};
        gate = &timer;
        began.set_value();
        boost::system::error_code woken;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        // Both ways out are operation_aborted: let go by the test, or stopped with the server.
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) cancelled.set_value();
        co_return http::ok({{"slow", true}});
    }
};

std::string socket_path(char const* name) {
    return std::filesystem::temp_directory_path() / ("boni-" + std::to_string(::getpid()) + '-' + name + ".sock");
}

bool soon(std::future<void> const& what) { return what.wait_for(5s) == std::future_status::ready; }

}  // namespace

TEST_CASE("over TLS the server shows its chain, speaks http/1.1 and tells the handler") {
    Certificates certificates;
    RunningServer server{who, {}, {.tls_pem_file = certificates.leaf("DNS:voice.test")}};
    for (auto const version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        RawHttp client{server.address};
        REQUIRE(client.start_tls(certificates.ca_file(), "voice.test", version));
        CHECK(client.alpn() == "http/1.1");
        CHECK(client.ask(get_root).body.contains("\"tls\":true"));
        CHECK(client.ask(get_root).status == 200);
        CHECK(client.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").status == 200);
        CHECK(client.closed());
    }
    RawHttp old{server.address};
    CHECK(!old.start_tls(certificates.ca_file(), "voice.test", TLS1_1_VERSION));
    RawHttp plain{server.address};
    plain.send(get_root);
    plain.half_close();
    CHECK(plain.answer().status == 0);
    CHECK(server.has_connections(0));
}

TEST_CASE("over TLS a large body is refused so that the client reads why") {
    Certificates certificates;
    RunningServer server{who, {}, {.tls_pem_file = certificates.leaf("DNS:voice.test")}};
    RawHttp client{server.address};
    REQUIRE(client.start_tls(certificates.ca_file(), "voice.test"));
    CHECK(client.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x')).status == 413);
}

TEST_CASE("a reloaded chain is shown to new connections, a broken file changes nothing") {
    Certificates certificates;
    auto const file = certificates.leaf("DNS:old.test");
    RunningServer server{who, {}, {.tls_pem_file = file}};
    RawHttp before{server.address};
    REQUIRE(before.start_tls(certificates.ca_file(), "old.test"));
    std::filesystem::copy_file(certificates.leaf("DNS:new.test"), file, std::filesystem::copy_options::overwrite_existing);
    CHECK(server.on_control([&] { return server.server->reload_tls().has_value(); }));
    RawHttp after{server.address};
    CHECK(after.start_tls(certificates.ca_file(), "new.test"));
    CHECK(before.ask(get_root).status == 200);
    std::filesystem::resize_file(file, 40);
    CHECK(!server.on_control([&] { return server.server->reload_tls().has_value(); }));
    RawHttp still{server.address};
    CHECK(still.start_tls(certificates.ca_file(), "new.test"));
}

TEST_CASE("what cannot be listened on is an error with its name") {
    asio::io_context io;
    auto const error = [&](http::ServerConfig config) {
        http::Server server{io.get_executor(), system_clock(), std::move(config), who};
        auto const started = server.start();
        return started ? std::string{} : started.error().what;
    };
    RunningServer running{who};
    CHECK(error({.listen = running.address}).starts_with(running.address.text()));
    CHECK(error({.unix_socket = "/" + std::string(200, 'x')}).contains("longer"));
    CHECK(error({.listen = *Address::parse("127.0.0.1", 0), .tls_pem_file = "/nowhere.pem"}).starts_with("/nowhere.pem"));
    CHECK(!error({}).empty());
    CHECK(error({.unix_socket = std::filesystem::temp_directory_path()}).contains("not a socket"));
}

TEST_CASE("on a Unix domain socket the handler knows who asks") {
    auto const path = socket_path("peer");
    {
        RunningServer server{who, {}, {.unix_socket = path}};
        struct stat found{};
        REQUIRE(::stat(path.c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == 0660);
        RawHttp client{path};
        auto const body = client.ask(get_root).body;
        CHECK(body.contains("\"uid\":" + std::to_string(::getuid())));
        CHECK(body.contains("\"pid\":" + std::to_string(::getpid())));
        CHECK(body.contains("0.0.0.0"));
        CHECK(server.address == Address{});
        asio::io_context io;
        http::Server second{io.get_executor(), system_clock(), {.unix_socket = path}, who};
        CHECK(second.start().error().what.contains("somebody listens"));
        CHECK(client.ask(get_root).status == 200);
    }
    CHECK(!std::filesystem::exists(path));
}

TEST_CASE("a socket file of a process that is gone is replaced") {
    auto const path = socket_path("stale");
    auto const left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un raw{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(raw.sun_path, sizeof raw.sun_path - 1);
    REQUIRE(::bind(left, reinterpret_cast<sockaddr*>(&raw), sizeof raw) == 0);
    ::close(left);
    RunningServer server{who, {}, {.unix_socket = path}};
    RawHttp client{path};
    CHECK(client.ask(get_root).status == 200);
}

TEST_CASE("an IPv4 client of an IPv6 socket has its IPv4 address") {
    auto const from = [](char const* ip) {
        sockaddr_storage raw;
        auto const size = Address::parse(ip, 4711)->to(raw);
        return http::remote_of({&raw, size});
    };
    CHECK(from("::ffff:203.0.113.7") == *Address::parse("203.0.113.7", 4711));
    CHECK(from("2001:db8::7").text() == "[2001:db8::7]:4711");
    CHECK(from("203.0.113.7").text() == "203.0.113.7:4711");
}

TEST_CASE("one connection too many gets 503 while the others are at work, and the next finds room again") {
    http::Limits limits;
    limits.connections_max = 1;
    Slow slow;
    RunningServer server{slow.handler(), limits};
    auto first = std::make_unique<RawHttp>(server.address);
    first->send(get_root);
    REQUIRE(soon(slow.began.get_future()));
    RawHttp second{server.address};
    auto const answer = second.ask(get_root);
    CHECK(answer.status == 503);
    CHECK(answer.at("retry-after") == "1");
    CHECK(answer.at("connection") == "close");
    CHECK(answer.body.contains("\"error\":\"unavailable\""));
    second.half_close();
    CHECK(second.closed());
    server.on_control([&] { slow.gate->cancel(); });
    CHECK(first->answer().status == 200);
    first.reset();
    REQUIRE(server.has_connections(0));
    slow.began = {};
    RawHttp third{server.address};
    third.send(get_root);
    REQUIRE(soon(slow.began.get_future()));
    server.on_control([&] { slow.gate->cancel(); });
    CHECK(third.answer().status == 200);
}

TEST_CASE("draining closes what is idle, lets a request in flight end, and takes no new connections") {
    Slow slow;
    RunningServer server{slow.handler()};
    RawHttp idle{server.address};
    RawHttp busy{server.address};
    busy.send(get_root);
    REQUIRE(soon(slow.began.get_future()));
    REQUIRE(server.has_connections(2));
    auto drained = server.drain(1min);
    CHECK(idle.closed());
    CHECK(drained.wait_for(0s) == std::future_status::timeout);
    server.on_control([&] { slow.gate->cancel(); });
    auto const answer = busy.answer();
    CHECK(answer.status == 200);
    CHECK(answer.at("connection") == "close");
    busy.half_close();
    CHECK(busy.closed());
    CHECK(soon(drained));
    CHECK(server.connections() == 0);
    auto const late = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_storage raw;
    auto const size = server.address.to(raw);
    CHECK(::connect(late, reinterpret_cast<sockaddr*>(&raw), size) != 0);
    ::close(late);
}

TEST_CASE("at the limit of the drain what still runs is cancelled and closed") {
    Slow slow;
    RunningServer server{slow.handler()};
    RawHttp busy{server.address};
    busy.send(get_root);
    REQUIRE(soon(slow.began.get_future()));
    auto drained = server.drain(20ms);
    CHECK(soon(slow.cancelled.get_future()));
    CHECK(busy.closed());
    CHECK(soon(drained));
    CHECK(server.has_connections(0));
}

TEST_CASE("stopping closes every connection at once and may be done twice") {
    Slow slow;
    RunningServer server{slow.handler()};
    RawHttp idle{server.address};
    RawHttp busy{server.address};
    busy.send(get_root);
    REQUIRE(soon(slow.began.get_future()));
    server.on_control([&] { server.server->stop(); });
    server.on_control([&] { server.server->stop(); });
    CHECK(idle.closed());
    CHECK(busy.closed());
    CHECK(server.has_connections(0));
}

TEST_CASE("a client that does not read its answer is closed in the end") {
    http::Limits limits;
    limits.write_timeout = 60ms;
    std::promise<void> asked;
    auto const answered_at_length = [&](Request&) -> Task<Response> {
        asked.set_value();
        co_return http::text_response(200, std::string(64 * 1024 * 1024, 'x'));
    };
    RunningServer server{answered_at_length, limits};
    RawHttp client{server.address};
    client.send(get_root);
    REQUIRE(soon(asked.get_future()));
    CHECK(server.has_connections(0));
}
