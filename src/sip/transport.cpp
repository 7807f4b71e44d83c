#include "sip/transport.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.hpp"
#include "base/log.hpp"

namespace boni::sip {
namespace {

constexpr std::uint32_t transactions_buckets = 8192;   // powers of two; 42 new calls per second keep some 3 000 transactions
constexpr std::uint32_t connections_buckets = 1024;
constexpr std::uint32_t small_buckets = 32;            // of a stack for one TLS name
constexpr int port_tries = 32;                         // a port that is free for UDP may be taken for TCP, and by somebody else a moment later
constexpr int backlog = 1024;
constexpr int udp_buffer = 4 * 1024 * 1024;            // some 2 000 INVITEs, while the kernel allows it
constexpr std::size_t datagram_max = 64 * 1024;        // libre cuts at 8 KiB what a carrier's Diversion and Identity headers may exceed
constexpr std::size_t local_hosts_max = 10'000;
constexpr std::size_t listeners_max = 64;              // addresses of ours; a stack each, some 300 KiB

/// `listen` with a port that was free for UDP and TCP just now; libre would complain aloud of each it tries in vain. Port 0: none was found.
Address free_for_both(Address listen) {
    for (auto tries = 0; tries < port_tries; ++tries) {
        auto at = listen;
        auto free = true;
        for (auto const type : {SOCK_DGRAM, SOCK_STREAM}) {
            Fd const fd{socket(at.family, type | SOCK_CLOEXEC, 0)};
            sockaddr_storage storage;
            auto size = at.to(storage);
            free = free && fd && ::bind(fd.get(), reinterpret_cast<sockaddr const*>(&storage), size) == 0;
            size = sizeof storage;
            if (free && getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &size) == 0)
                at = Address::from(reinterpret_cast<sockaddr const*>(&storage));
        }
        if (free) return at;
    }
    return listen;
}

Result<> add(struct sip* sip, enum sip_transp transport, Address const& listen, struct tls* tls = nullptr) {
    auto const address = re::sa(listen);
    auto const failed = sip_transp_add(sip, transport, &address, tls);
    if (failed == 0) return {};
    auto const* const over = transport == SIP_TRANSP_UDP ? "UDP" : transport == SIP_TRANSP_TCP ? "TCP" : "TLS";
    return fail(Errc::unavailable, fmt::format("SIP over {} cannot listen on {}: {}", over, listen.text(), std::generic_category().message(failed)));
}

/// libre listens with a backlog of 5 and the kernel's default buffer and keeps the descriptors to itself: a burst of connections or
/// of INVITEs would be lost. They are found by what they are bound to.
void widen(Address const& listen) {
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator{"/proc/self/fd", ignored}) {
        auto const fd = std::atoi(entry.path().filename().c_str());
        sockaddr_storage storage;
        auto size = socklen_t(sizeof storage);
        if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) continue;
        if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) continue;
        if (Address::from(reinterpret_cast<sockaddr const*>(&storage)) != listen) continue;
        auto listening = 0, type = 0;
        auto length = socklen_t(sizeof listening);
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length);
        length = sizeof type;
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length);
        if (listening) ::listen(fd, backlog);
        if (type == SOCK_DGRAM) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &udp_buffer, sizeof udp_buffer);
    }
}

/// libre shows its UDP socket with every message and nowhere else.
void take_whole_datagrams(struct sip_msg const& message) {
    if (message.tp == SIP_TRANSP_UDP) udp_rxsz_set(static_cast<struct udp_sock*>(message.sock), datagram_max);
}

/// The first message is our own, a response nobody waits for: the one behind it is read whole.
void greet_ourselves(Address const& listen) {
    auto const text = fmt::format("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {0}:{1};branch=z9hG4bKself\r\nFrom: <sip:{0}:{1}>;tag=self\r\n"
                                  "To: <sip:{0}:{1}>;tag=self\r\n"
                                  "Call-ID: self\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", bracketed(listen), listen.port);
    sockaddr_storage storage;
    auto const length = listen.to(storage);
    auto const fd = socket(listen.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    sendto(fd, text.data(), text.size(), 0, reinterpret_cast<sockaddr const*>(&storage), length);
    close(fd);
}

Address bound(struct sip* sip, enum sip_transp transport, Address const& listen) {
    struct sa local;
    auto const any = re::sa(listen);
    ENSURE(sip_transp_laddr(sip, &local, transport, &any) == 0);
    return re::address(local);
}

/// libre takes no wildcard: that is every address of its family that we have, but those that mean something on their link alone.
std::vector<Address> meant_by(Address const& listen) {
    if (!listen.any()) return {listen};
    std::vector<Address> out;
    for (auto one : local_addresses()) {
        auto const link_local = one.family == AF_INET6 && one.ip[0] == 0xfe && (one.ip[1] & 0xc0) == 0x80;
        if (one.family != listen.family || link_local || out.size() == listeners_max) continue;
        one.port = listen.port;
        if (std::ranges::find(out, one) == out.end()) out.push_back(one);
    }
    return out;
}

}  // namespace

Wires::~Wires() { silence(); }

void Wires::silence() {
    auto const close = [](Stack& stack) {
        sip_set_trace_handler(stack.sip.get(), nullptr);
        sip_transp_flush(stack.sip.get());
    };
    for (auto& [name, stack] : by_tls_name_) close(*stack);
    for (auto& stack : listeners_) close(*stack);
}

Result<std::unique_ptr<Wires::Stack>> Wires::make_stack(Size size) {
    auto stack = std::make_unique<Stack>();
    stack->wires = this;
    auto const transactions = size == Size::small ? small_buckets : transactions_buckets;
    auto const connections = size == Size::small ? small_buckets : connections_buckets;
    if (sip_alloc(stack->sip.place(), nullptr, transactions, transactions, connections, nullptr, nullptr, stack.get()) != 0)
        return fail(Errc::unavailable, "the SIP stack cannot be set up");
    auto const on_request = [](struct sip_msg const* message, void* arg) {
        auto& self = *static_cast<Stack*>(arg);
        take_whole_datagrams(*message);
        self.wires->events_.request(self.sip.get(), *message);
        return true;   // libre would print it and answer 501
    };
    auto const on_response = [](struct sip_msg const* message, void* arg) {
        take_whole_datagrams(*message);
        static_cast<Stack*>(arg)->wires->events_.response(*message);
        return true;
    };
    if (sip_listen(stack->requests.place(), stack->sip.get(), true, on_request, stack.get()) != 0 ||
        sip_listen(stack->responses.place(), stack->sip.get(), false, on_response, stack.get()) != 0)
        return fail(Errc::unavailable, "the SIP stack cannot be set up");
    if (events_.trace)
        sip_set_trace_handler(stack->sip.get(), [](bool sent, enum sip_transp transport, struct sa const* source, struct sa const* destination,
                                                   std::uint8_t const* bytes, std::size_t size, void* arg) {
            auto const from = re::address(*source), to = re::address(*destination);
            static_cast<Stack*>(arg)->wires->events_.trace(sent, re::transport(transport), sent ? from : to, sent ? to : from,
                                                           {reinterpret_cast<char const*>(bytes), size});
        });
    return stack;
}

Result<> Wires::open(EndpointConfig const& config) {
    config_ = &config;
    if (!config.outbound_ca_file.empty()) {   // told at the start, not by the first call that needs it
        auto const trusted = client_tls("localhost", config.outbound_ca_file, own_);
        if (!trusted) return fail(trusted.error().code, "outbound_ca_file: " + trusted.error().what);
    }
    for (int tries = 1;; ++tries) {
        udp_ = config.listen.port == 0 ? free_for_both(config.listen) : config.listen;
        auto const listening = listen_everywhere();
        if (listening) break;
        listeners_.clear();
        if (config.listen.port != 0 || tries == port_tries) return listening;
    }
    if (!config.tls) return {};
    CHECK_OK(own_.read(config.tls->pem_file));
    TRY(server_tls_, server_tls(own_, config.tls->ca_file));
    tls_ = config.tls->listen;
    return listen_everywhere();
}

/// Of every address the last failure counts, and the others are listened on. Once more finds those that have come since.
Result<> Wires::listen_everywhere() {
    Result<> outcome;
    auto const each = [&](Address const& listen, Result<> (Wires::*begin)(Address)) {
        auto const here = meant_by(listen);
        if (here.empty()) outcome = fail(Errc::unavailable, fmt::format("SIP cannot listen on {}: no interface has such an address", listen.text()));
        for (auto const& at : here)
            if (auto begun = (this->*begin)(at); !begun) outcome = std::move(begun);
    };
    each(udp_, &Wires::listen_plainly);
    if (tls_) each(*tls_, &Wires::listen_over_tls);
    return outcome;
}

Wires::Stack* Wires::listener_at(Address const& here) {
    auto const found = std::ranges::find_if(listeners_, [&](auto const& one) { return same_ip(one->here, here); });
    return found == listeners_.end() ? nullptr : found->get();
}

/// Each address has a stack, so that what is sent leaves from the one the kernel means.
Result<> Wires::listen_plainly(Address at) {
    if (listener_at(at)) return {};
    TRY(auto stack, make_stack(Size::large));
    if (at.port == 0) at.port = udp_.port;   // of the first address
    CHECK_OK(add(stack->sip.get(), SIP_TRANSP_UDP, at));
    stack->here = bound(stack->sip.get(), SIP_TRANSP_UDP, at);
    CHECK_OK(add(stack->sip.get(), SIP_TRANSP_TCP, stack->here));
    udp_.port = stack->here.port;
    stack->plain = true;
    widen(stack->here);
    greet_ourselves(stack->here);
    listeners_.push_back(std::move(stack));
    return {};
}

Result<> Wires::listen_over_tls(Address at) {
    auto* stack = listener_at(at);
    if (stack && stack->over_tls) return {};
    if (!stack) {
        TRY(auto made, make_stack(Size::large));
        made->here = at;
        stack = listeners_.emplace_back(std::move(made)).get();
    }
    if (at.port == 0) at.port = tls_->port;
    CHECK_OK(add(stack->sip.get(), SIP_TRANSP_TLS, at, server_tls_.get()));
    auto const there = bound(stack->sip.get(), SIP_TRANSP_TLS, at);
    tls_->port = there.port;
    stack->over_tls = true;
    widen(there);
    return {};
}

void Wires::follow_interfaces() {
    if (!udp_.any() && !(tls_ && tls_->any())) return;
    auto const listening = listen_everywhere();
    auto const what = listening ? std::string{} : listening.error().what;
    if (std::exchange(not_listening_, what) != what && !what.empty()) log_warning("sip", what);
}

/// That of the address we are seen at, when it listens to more than TLS.
Wires::Stack& Wires::stack_towards(Address const& peer) {
    auto* const found = listeners_.size() > 1 ? listener_at(source_towards(peer)) : nullptr;
    return found && found->plain ? *found : *listeners_.front();
}

Result<struct sip*> Wires::stack_for(Hop const& hop) {
    if (hop.transport != Transport::tls || hop.tls_name.empty()) return stack_towards(hop.address).sip.get();
    if (auto const known = by_tls_name_.find(hop.tls_name); known != by_tls_name_.end()) return known->second->sip.get();
    if (by_tls_name_.size() >= tls_names_max) return fail(Errc::limit, "too many TLS names");
    TRY(auto stack, make_stack(Size::small));
    TRY(auto const context, client_tls(hop.tls_name, config_->outbound_ca_file, own_));
    // libre has the context of outbound connections only as part of a listener; this one is out of reach and has no certificate.
    for (auto const* const host : {"127.0.0.1", "::1"})
        if (!add(stack->sip.get(), SIP_TRANSP_TLS, *Address::parse(host, 0), context.get()) && hop.address.family == Address::parse(host, 0)->family)
            return fail(Errc::unavailable, "no connection for TLS to " + hop.tls_name);
    return by_tls_name_.emplace(hop.tls_name, std::move(stack)).first->second->sip.get();
}

std::string Wires::sent_by(Hop const& hop, std::string const& public_host) {
    auto const& named = public_host.empty() ? config_->public_address : public_host;
    auto host = named;
    if (host.empty()) host = local_host(hop.address);
    else if (auto const address = Address::parse(host, 0)) host = bracketed(*address);
    auto const port = hop.transport == Transport::tls && tls_ ? tls_->port : udp_.port;
    return host + ':' + std::to_string(port);
}

std::string Wires::local_host(Address const& peer) {
    if (!udp_.any()) return bracketed(udp_);
    if (local_hosts_.size() >= local_hosts_max) local_hosts_.clear();
    auto& known = local_hosts_[peer.ip_text()];
    if (known.empty()) known = bracketed(source_towards(peer));
    return known;
}

bool Wires::ours(Address const& sent_by) const {
    if (sent_by.port != udp_.port && !(tls_ && sent_by.port == tls_->port)) return false;
    if (sent_by.ip_text() == config_->public_address) return true;
    if (!udp_.any()) return same_ip(sent_by, udp_);
    return source_towards(sent_by).ip == sent_by.ip;   // the kernel reaches its own addresses from themselves
}

Result<> Wires::reload() {
    return server_tls_ ? own_.read(config_->tls->pem_file) : Result<>{};
}

std::string rewrite_via(struct mbuf& request, enum sip_transp transport, std::string const& sent_by, int& error) {
    std::string_view const written{reinterpret_cast<char const*>(request.buf), request.end};
    auto const line = written.find("\r\nVia: ") + 2;
    auto const branch = written.substr(written.find(";branch=", line));
    auto const value = fmt::format("SIP/2.0/{} {}{}", sip_transp_name(transport), sent_by, branch.substr(0, branch.find("\r\n")));
    request.pos = request.end = line;
    auto const replaced = "Via: " + value + "\r\n";
    error = mbuf_write_mem(&request, reinterpret_cast<std::uint8_t const*>(replaced.data()), replaced.size());
    return value;
}

std::string bracketed(Address const& address) {
    auto text = address.ip_text();
    return address.family == AF_INET6 ? '[' + text + ']' : text;
}

}  // namespace boni::sip
