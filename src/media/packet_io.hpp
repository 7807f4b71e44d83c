// The edge to the kernel: datagrams in and out, the tick, the wake-up. Lives on a media thread, which owns one.
#pragma once

#include <memory>

#include "media/actions.hpp"

namespace boni::media {

class PacketIo {
  public:
    virtual ~PacketIo() = default;

    /// `token` comes back with every datagram of `fd`. False: the kernel refused.
    virtual bool watch(int fd, std::uint32_t token) = 0;
    virtual void forget(int fd) = 0;

    /// Who gets the datagrams; the bytes are valid during the call.
    class Receiver {
      public:
        virtual void received(std::uint32_t token, Address const& from, Bytes bytes) = 0;

      protected:
        ~Receiver() = default;
    };
    struct Woken {
        std::uint64_t ticks = 0;    ///< that have fallen due since the last time
        bool commands = false;      ///< somebody wrote to the wake-up descriptor
    };
    /// Waits until something is there and hands over the datagrams.
    virtual Woken wait(Receiver& receiver) = 0;

    /// All to one socket. `connected`: the kernel knows the address. What the kernel does not take is lost, as on any network.
    virtual void send(int fd, std::span<OutPacket const> packets, bool connected) = 0;
};

/// Level-triggered epoll, recvmmsg with 4 slots per descriptor, sendmmsg where a leg has more than one packet.
/// Throws std::system_error when the kernel has no descriptor left.
std::unique_ptr<PacketIo> make_epoll_io(int tick_fd, int wake_fd);

}  // namespace boni::media
