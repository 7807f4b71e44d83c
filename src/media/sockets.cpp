#include "media/sockets.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <netinet/ip.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

namespace boni::media {
namespace {

constexpr int receive_buffer = 256 * 1024;
constexpr int dscp_ef = 0xb8;

Result<Fd> bind_one(Address const& local) {
    Fd fd{::socket(local.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd) return fail(Errc::unavailable, std::string{"media: no socket: "} + std::strerror(errno));
    // Neither is worth failing a call for: a container may forbid them.
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (local.family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_TCLASS, &dscp_ef, sizeof dscp_ef);
    else ::setsockopt(fd.get(), IPPROTO_IP, IP_TOS, &dscp_ef, sizeof dscp_ef);
    sockaddr_storage address;
    auto const length = local.to(address);
    if (::bind(fd.get(), reinterpret_cast<sockaddr const*>(&address), length) != 0)
        return fail(errno == EADDRINUSE ? Errc::conflict : Errc::unavailable,
                    "media: cannot bind " + local.text() + ": " + std::strerror(errno));
    return fd;
}

Fd checked(int fd, char const* what) {
    if (fd < 0) throw std::system_error{errno, std::generic_category(), what};
    return Fd{fd};
}

}  // namespace

Result<> try_bind(Address const& local) {
    auto const bound = bind_one(local);
    return bound ? Result<>{} : std::unexpected(bound.error());
}

Result<SocketPair> bind_pair(Address local) {
    TRY(auto rtp, bind_one(local));
    ++local.port;
    TRY(auto rtcp, bind_one(local));
    return SocketPair{std::move(rtp), std::move(rtcp)};
}

void connect_to(int fd, Address const* peer) {
    sockaddr_storage address{};
    socklen_t length = sizeof(sockaddr_in);
    if (peer) length = peer->to(address);
    else address.ss_family = AF_UNSPEC;
    ::connect(fd, reinterpret_cast<sockaddr const*>(&address), length);   // refused: then the latch alone filters
}

Fd make_tick_fd(std::int64_t first_ns, std::int64_t period_ns) {
    auto fd = checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "media: timerfd");
    auto spec = [](std::int64_t ns) { return timespec{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000}; };
    itimerspec const when{.it_interval = spec(period_ns), .it_value = spec(first_ns)};
    if (::timerfd_settime(fd.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0)
        throw std::system_error{errno, std::generic_category(), "media: timerfd"};
    return fd;
}

}  // namespace boni::media
