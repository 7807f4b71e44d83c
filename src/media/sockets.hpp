// The pair of UDP sockets of a leg. Thread: any.
#pragma once

#include "base/address.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace boni::media {

struct SocketPair {
    Fd rtp, rtcp;
};

/// RTP at `local`, RTCP one port above. Non-blocking, 256 KiB of receive buffer, DSCP EF. Errc::conflict when one is taken.
Result<SocketPair> bind_pair(Address local);
/// Whether it is an address of this machine: binds a socket to it, at any port when its port is 0, and closes it again.
Result<> try_bind(Address const& local);

/// Lets the kernel filter for one peer and skip the route look-up; nullptr undoes it.
void connect_to(int fd, Address const* peer);

/// A timerfd on CLOCK_MONOTONIC, absolute. Throws std::system_error: without one there is no engine.
Fd make_tick_fd(std::int64_t first_ns, std::int64_t period_ns);

}  // namespace boni::media
