#include "egress/resolver.hpp"

#include <stdexcept>
#include <unordered_map>

#include <ares.h>
#include <arpa/nameser.h>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace boni::egress {
namespace {

constexpr int try_ms = 1000;       // then 2 s with the second try: both fit into the 3 s of a resolve
constexpr int tries = 2;
constexpr auto second_family_wait = 300ms;           // RFC 8305 3 says 50: we would rather vet both than be fast
constexpr auto descriptor_shut = ARES_SOCKET_BAD;

/// c-ares' global state, for as long as the process lives.
void start_library() {
    static int const status = ares_library_init(ARES_LIB_INIT_ALL);
    if (status != ARES_SUCCESS) throw std::runtime_error(std::string{"c-ares: "} + ares_strerror(status));
}

/// One name on its way: two queries, and a timer that ends early when both are answered.
struct Lookup {
    Lookup(asio::any_io_executor where, std::chrono::milliseconds limit, std::size_t& count) : done{where, limit}, running{count} { ++running; }
    ~Lookup() { --running; }
    asio::steady_timer done;
    std::size_t& running;                            // the channel's; it outlives every query
    int pending = 2;
    std::vector<Address> addresses;

    void take(int family, int status, unsigned char* answer, int size) {
        if (status == ARES_SUCCESS) (family == AF_INET ? take4(answer, size) : take6(answer, size));
        --pending;
        if (pending == 0) done.cancel();
        if (pending == 1 && !addresses.empty() && done.expiry() - std::chrono::steady_clock::now() > second_family_wait)
            done.expires_after(second_family_wait);
    }

  private:
    void take4(unsigned char* answer, int size) {
        std::array<ares_addrttl, addresses_max + 1> found{};
        int count = int(found.size());
        if (ares_parse_a_reply(answer, size, nullptr, found.data(), &count) != ARES_SUCCESS) return;
        for (auto const& one : std::span{found}.first(std::size_t(count))) add(AF_INET, &one.ipaddr, 4);
    }
    void take6(unsigned char* answer, int size) {
        std::array<ares_addr6ttl, addresses_max + 1> found{};
        int count = int(found.size());
        if (ares_parse_aaaa_reply(answer, size, nullptr, found.data(), &count) != ARES_SUCCESS) return;
        for (auto const& one : std::span{found}.first(std::size_t(count))) add(AF_INET6, &one.ip6addr, 16);
    }
    void add(int family, void const* bytes, std::size_t size) {
        if (addresses.size() > addresses_max) return;
        Address one{.family = family};
        std::memcpy(one.ip.data(), bytes, size);
        addresses.push_back(one);
    }
};

/// What c-ares holds for one query; it calls back exactly once, at the latest when the channel is destroyed.
struct Query {
    std::shared_ptr<Lookup> lookup;
    int family;

    static void answered(void* argument, int status, int, unsigned char* answer, int size) {
        std::unique_ptr<Query> const query{static_cast<Query*>(argument)};
        query->lookup->take(query->family, status, answer, size);
    }
};

}  // namespace

/// Lends c-ares' descriptors and timeouts to the io_context.
struct DnsResolver::Channel : std::enable_shared_from_this<Channel> {
    struct Watched {
        explicit Watched(asio::any_io_executor where, int fd) : descriptor{where, fd} {}
        asio::posix::stream_descriptor descriptor;
        bool wants_read = false, wants_write = false;
        bool reading = false, writing = false;       // a wait is on its way
    };

    Channel(asio::any_io_executor where, DnsConfig c) : executor{where}, config{std::move(c)}, timer{where} {}
    ~Channel() { ENSURE(!ares); }

    asio::any_io_executor executor;
    DnsConfig config;
    ares_channel ares = nullptr;
    std::unordered_map<ares_socket_t, std::shared_ptr<Watched>> watched;   // shared with their waits
    asio::steady_timer timer;
    std::size_t running = 0;

    void open();
    void close();
    void ask(std::string const& name, std::shared_ptr<Lookup> const& lookup);
    void watch(ares_socket_t fd, bool read, bool write);
    void arm(ares_socket_t fd, std::shared_ptr<Watched> const& one);
    void process(ares_socket_t read, ares_socket_t write);
    void schedule();
};

DnsResolver::DnsResolver(asio::any_io_executor control, DnsConfig config) : channel_{std::make_shared<Channel>(control, std::move(config))} {
    channel_->open();
}

DnsResolver::~DnsResolver() { channel_->close(); }

Task<Result<std::vector<Address>>> DnsResolver::resolve(std::string name) {
    auto const channel = channel_;   // the resolver may go while we wait; then the queries end at once
    if (channel->running >= channel->config.at_once_max) co_return fail(Errc::unavailable, "too many names are being looked up", {}, "dns");
    auto const lookup = std::make_shared<Lookup>(channel->executor, channel->config.timeout, channel->running);
    channel->ask(name, lookup);
    boost::system::error_code moved;   // answered, or the deadline was brought forward; a cancelled task leaves by exception
    while (lookup->pending > 0 && lookup->done.expiry() > std::chrono::steady_clock::now())
        co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, moved));
    if (lookup->pending > 0 && lookup->addresses.empty()) co_return fail(Errc::timeout, "no answer from DNS in time", {}, "dns");
    if (lookup->addresses.empty()) co_return fail(Errc::unavailable, "the name has no address", {}, "dns");
    co_return std::move(lookup->addresses);
}

void DnsResolver::Channel::open() {
    start_library();
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    options.timeout = try_ms;
    options.tries = tries;
    options.lookups = const_cast<char*>("b");        // DNS alone: no hosts file
    options.sock_state_cb_data = this;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) { static_cast<Channel*>(self)->watch(fd, read != 0, write != 0); };
    auto const chosen = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
    auto status = ares_init_options(&ares, &options, chosen);
    if (status != ARES_SUCCESS) throw std::runtime_error(std::string{"c-ares: "} + ares_strerror(status));
    std::string servers;
    for (auto const& server : config.servers) servers += (servers.empty() ? "" : ",") + server.text();
    if (!servers.empty()) status = ares_set_servers_ports_csv(ares, servers.c_str());
    if (status != ARES_SUCCESS) {
        close();
        throw std::runtime_error("c-ares refuses the DNS servers " + servers);
    }
}

void DnsResolver::Channel::close() {
    timer.cancel();
    if (ares) ares_destroy(std::exchange(ares, nullptr));
    watched.clear();
}

void DnsResolver::Channel::ask(std::string const& name, std::shared_ptr<Lookup> const& lookup) {
    ares_query(ares, name.c_str(), ns_c_in, ns_t_aaaa, Query::answered, new Query{lookup, AF_INET6});
    ares_query(ares, name.c_str(), ns_c_in, ns_t_a, Query::answered, new Query{lookup, AF_INET});
    schedule();
}

/// c-ares says what it waits for on a descriptor of its own; nothing at all means that it is about to close it.
void DnsResolver::Channel::watch(ares_socket_t fd, bool read, bool write) {
    if (!read && !write) {
        if (auto const found = watched.find(fd); found != watched.end()) {
            found->second->wants_read = found->second->wants_write = false;
            found->second->descriptor.release();
            watched.erase(found);
        }
        return;
    }
    auto& one = watched[fd];
    if (!one) one = std::make_shared<Watched>(executor, fd);
    one->wants_read = read;
    one->wants_write = write;
    arm(fd, one);
}

void DnsResolver::Channel::arm(ares_socket_t fd, std::shared_ptr<Watched> const& one) {
    using Wait = asio::posix::stream_descriptor::wait_type;
    auto const wait = [&](bool wanted, bool Watched::*busy, Wait what, auto process_it) {
        if (!wanted || (*one).*busy) return;
        (*one).*busy = true;
        one->descriptor.async_wait(what, [weak = weak_from_this(), one, busy, fd, process_it](boost::system::error_code error) {
            (*one).*busy = false;
            auto const self = weak.lock();
            if (error || !self || !self->ares) return;
            process_it(*self);
            if (one->wants_read || one->wants_write) self->arm(fd, one);
        });
    };
    wait(one->wants_read, &Watched::reading, asio::posix::stream_descriptor::wait_read, [fd](Channel& self) { self.process(fd, descriptor_shut); });
    wait(one->wants_write, &Watched::writing, asio::posix::stream_descriptor::wait_write, [fd](Channel& self) { self.process(descriptor_shut, fd); });
}

void DnsResolver::Channel::process(ares_socket_t read, ares_socket_t write) {
    ares_process_fd(ares, read, write);
    schedule();
}

void DnsResolver::Channel::schedule() {
    timeval room{};
    auto const* const next = ares_timeout(ares, nullptr, &room);
    if (!next) {
        timer.cancel();
        return;
    }
    timer.expires_after(std::chrono::seconds{next->tv_sec} + std::chrono::microseconds{next->tv_usec} + 1ms);
    timer.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        auto const self = weak.lock();
        if (!error && self && self->ares) self->process(descriptor_shut, descriptor_shut);
    });
}

}  // namespace boni::egress
