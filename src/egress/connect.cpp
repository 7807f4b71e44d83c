#include "egress/connect.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/beast/core/error.hpp>

#include "base/bell.hpp"
#include "base/log.hpp"

namespace boni::egress {
namespace {

constexpr auto next_address_after = 250ms;           // RFC 8305 5

std::unexpected<Error> blocked() { return fail(Errc::forbidden, "the destination's address is not allowed", {}, "egress_blocked"); }

/// v6, v4, v6, v4 ...: a broken family costs one step (RFC 8305 4).
std::vector<Address> interleaved(std::vector<Address> const& addresses) {
    std::vector<Address> six, four, out;
    for (auto const& one : addresses) (one.family == AF_INET6 ? six : four).push_back(one);
    for (std::size_t at = 0; at < std::max(six.size(), four.size()); ++at) {
        if (at < six.size()) out.push_back(six[at]);
        if (at < four.size()) out.push_back(four[at]);
    }
    return out;
}

struct Dialled {
    tcp::socket socket;
    Address address;
};

/// What the attempts on one name's addresses share.
struct Race {
    explicit Race(asio::any_io_executor where) : changed{where} {}
    Bell changed;                                    ///< rings when an attempt ends
    std::vector<std::unique_ptr<asio::cancellation_signal>> stops;
    std::optional<Dialled> winner;
    std::size_t open = 0;
    bool over = false;

    void end() {
        over = true;
        for (auto const& stop : stops) stop->emit(asio::cancellation_type::terminal);
    }
};

Task<> run(std::shared_ptr<Race> race, Dialer& dialer, Address address) {
    auto socket = co_await dialer.dial(address);
    --race->open;
    if (socket && !race->winner && !race->over) race->winner = Dialled{*std::move(socket), address};
    race->changed.ring();
}

Task<Result<Dialled>> dial_first(Dialer& dialer, std::vector<Address> addresses) {
    if (addresses.size() == 1) {
        CO_TRY(auto socket, co_await dialer.dial(addresses.front()));
        co_return Dialled{std::move(socket), addresses.front()};
    }
    auto const executor = co_await asio::this_coro::executor;
    auto const race = std::make_shared<Race>(executor);   // shared with the attempts, which may end a turn of the loop later
    struct Finish {
        Race& race;
        ~Finish() { race.end(); }
    } const finish{*race};
    for (std::size_t at = 0; at < addresses.size() && !race->winner; ++at) {
        auto& stop = race->stops.emplace_back(std::make_unique<asio::cancellation_signal>());
        ++race->open;
        // The completion keeps the race, and with it the signal, as long as its slot.
        asio::co_spawn(executor, run(race, dialer, addresses[at]), asio::bind_cancellation_slot(stop->slot(), [race](std::exception_ptr) {}));
        auto const last = at + 1 == addresses.size();
        auto const until = last ? Steady::max() : std::chrono::steady_clock::now() + next_address_after;
        while (race->open > 0 && !race->winner && std::chrono::steady_clock::now() < until) co_await race->changed.rung_by(until);
    }
    if (!race->winner) co_return fail(Errc::unavailable, "no address of the destination accepts a connection", {}, "connect");
    co_return *std::move(race->winner);
}

Task<Result<>> shake_hands(Connection::Tls& stream, Url url) {
    auto* const native = stream.native_handle();
    auto* const wanted = SSL_get0_param(native);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    auto const named = url.literal ? X509_VERIFY_PARAM_set1_ip_asc(wanted, url.host.c_str()) == 1
                                   : X509_VERIFY_PARAM_set1_host(wanted, url.host.c_str(), url.host.size()) == 1 &&
                                         SSL_set_tlsext_host_name(native, url.host.c_str()) == 1;
    if (!named) co_return fail(Errc::internal, "the host's name cannot be given to TLS", {}, "tls");
    boost::system::error_code error;
    co_await stream.async_handshake(ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    if (error == boost::beast::error::timeout) co_return fail(Errc::timeout, "no TLS handshake in time", {}, "timeout");
    if (error) co_return fail(Errc::unavailable, "TLS handshake: " + error.message(), {}, "tls");
    co_return Result<>{};
}

/// Stage 3's own look at each address. Anything found here got past stage 2, which is a fault of ours or an attack.
Result<> check_again(std::vector<Address> const& addresses, Policy const& policy, Url const& url, Use use) {
    for (auto const& address : addresses) {
        auto const in_table = allowed(address, policy, url);
        if (in_table && (url.loopback || !is_own(address, policy))) continue;
        count_refusal("connect", use);
        log_error("security", in_table ? "a destination is this machine itself" : "an address past the policy was about to be dialled",
                  {{"host", url.host}, {"address", address.text()}});
        return blocked();
    }
    return {};
}

}  // namespace

Task<Result<tcp::socket>> TcpDialer::dial(Address address) {
    sockaddr_storage raw{};
    auto const size = address.to(raw);
    tcp::endpoint endpoint;
    endpoint.resize(size);
    std::memcpy(endpoint.data(), &raw, size);
    tcp::socket socket{co_await asio::this_coro::executor};
    boost::system::error_code error;
    co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail(Errc::unavailable, "cannot connect: " + error.message(), {}, "connect");
    socket.set_option(tcp::no_delay{true}, error);
    co_return socket;
}

ssl::context make_tls(std::string const& ca_file) {
    ssl::context context{ssl::context::tls_client};
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.set_verify_mode(ssl::verify_peer);
    context.set_default_verify_paths();
    boost::system::error_code refused;
    if (!ca_file.empty()) context.load_verify_file(ca_file, refused);
    if (refused) throw std::runtime_error{"egress.ca_file: '" + ca_file + "' is not a file of CA certificates: " + refused.message()};
    return context;
}

Task<Result<std::vector<Address>>> resolve_vetted(Resolver& resolver, Policy const& policy, Url url, Use use) {
    std::vector<Address> addresses;
    if (url.literal) {
        addresses = {*url.literal};
    } else if (url.loopback) {
        addresses = {*Address::parse("::1", 0), *Address::parse("127.0.0.1", 0)};
    } else {
        CO_TRY(addresses, co_await resolver.resolve(url.host));
    }
    if (addresses.empty()) co_return fail(Errc::unavailable, "the name has no address", {}, "dns");
    for (auto& address : addresses) address.port = url.port;
    auto const bad = std::ranges::find_if(addresses, [&](Address const& one) { return !allowed(one, policy, url); });
    if (bad != addresses.end() || addresses.size() > addresses_max) {
        count_refusal("resolve", use);
        log_info("egress", "refused by the policy", {{"host", url.host}, {"address", bad == addresses.end() ? "too many" : bad->ip_text()}});
        co_return blocked();
    }
    co_return interleaved(addresses);
}

Task<Result<std::unique_ptr<Connection>>> connect(Dialer& dialer, ssl::context& tls, Policy const& policy, Url url, Use use,
                                                  std::vector<Address> vetted, std::chrono::milliseconds limit, ConnectTimes& times) {
    using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::steady_clock;
    CO_CHECK_OK(check_again(vetted, policy, url, use));
    auto const started = steady_clock::now();
    auto dialled = co_await within(limit, dial_first(dialer, std::move(vetted)));
    if (!dialled) {
        if (dialled.error().code == Errc::timeout) dialled.error().token = "timeout";
        co_return std::unexpected(std::move(dialled).error());
    }
    auto const connected = steady_clock::now();
    times.connect = duration_cast<microseconds>(connected - started);
    times.remote = dialled->address;
    if (!url.tls) co_return std::make_unique<Connection>(std::move(dialled->socket), dialled->address);

    auto connection = std::make_unique<Connection>(std::move(dialled->socket), dialled->address, tls);
    connection->lowest().expires_at(started + limit);
    CO_CHECK_OK(co_await shake_hands(*connection->tls(), std::move(url)));
    times.tls = duration_cast<microseconds>(steady_clock::now() - connected);
    co_return connection;
}

}  // namespace boni::egress
