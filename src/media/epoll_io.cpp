#include <cerrno>
#include <system_error>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "media/packet_io.hpp"

namespace boni::media {
namespace {

constexpr int events_max = 512;
constexpr std::size_t receive_slots = 4;          // a socket that is served at once rarely holds more
constexpr std::size_t slot_bytes = 2048;
constexpr std::uint32_t tick_token = 0xffff'ffff, wake_token = 0xffff'fffe;

class EpollIo final : public PacketIo {
  public:
    EpollIo(int tick_fd, int wake_fd);

    bool watch(int fd, std::uint32_t token) override;
    void forget(int fd) override { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }
    Woken wait(Receiver& receiver) override;
    void send(int fd, std::span<OutPacket const> packets, bool connected) override;

  private:
    void receive(int fd, std::uint32_t token, Receiver& receiver);

    Fd const epoll_;
    std::array<epoll_event, events_max> events_{};
    std::array<std::array<std::uint8_t, slot_bytes>, receive_slots> buffers_{};
    std::array<sockaddr_storage, receive_slots> sources_{};
    std::array<iovec, receive_slots> vectors_{};
    std::array<mmsghdr, receive_slots> messages_{};
};

EpollIo::EpollIo(int tick_fd, int wake_fd) : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    if (!epoll_) throw std::system_error{errno, std::generic_category(), "media: epoll"};
    if (!watch(tick_fd, tick_token) || !watch(wake_fd, wake_token))
        throw std::system_error{errno, std::generic_category(), "media: epoll_ctl"};
    for (auto i = 0uz; i < receive_slots; ++i) vectors_[i] = {.iov_base = buffers_[i].data(), .iov_len = slot_bytes};
}

bool EpollIo::watch(int fd, std::uint32_t token) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = std::uint64_t{token} << 32 | std::uint32_t(fd)}};
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

PacketIo::Woken EpollIo::wait(Receiver& receiver) {
    Woken woken;
    auto const count = ::epoll_wait(epoll_.get(), events_.data(), events_max, -1);
    for (auto i = 0; i < count; ++i) {
        auto const token = std::uint32_t(events_[std::size_t(i)].data.u64 >> 32);
        auto const fd = int(std::uint32_t(events_[std::size_t(i)].data.u64));
        if (token < wake_token) {
            receive(fd, token, receiver);
            continue;
        }
        std::uint64_t value = 0;
        if (::read(fd, &value, sizeof value) != sizeof value) continue;
        if (token == tick_token) woken.ticks += value;
        else woken.commands = true;
    }
    return woken;
}

// One batch per turn: with level triggering the rest is seen in the next one, and no single peer can hold the thread.
void EpollIo::receive(int fd, std::uint32_t token, Receiver& receiver) {
    for (auto i = 0uz; i < receive_slots; ++i)
        messages_[i].msg_hdr = {.msg_name = &sources_[i], .msg_namelen = sizeof sources_[i], .msg_iov = &vectors_[i], .msg_iovlen = 1};
    auto const count = ::recvmmsg(fd, messages_.data(), receive_slots, MSG_DONTWAIT, nullptr);
    for (auto i = 0uz; int(i) < count; ++i) {
        if (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) continue;
        auto const from = Address::from(reinterpret_cast<sockaddr const*>(&sources_[i]));
        receiver.received(token, from, Bytes{buffers_[i]}.first(messages_[i].msg_len));
    }
}

void EpollIo::send(int fd, std::span<OutPacket const> packets, bool connected) {
    constexpr std::size_t batch_max = 8;
    std::array<sockaddr_storage, batch_max> targets;
    std::array<iovec, batch_max> vectors;
    std::array<mmsghdr, batch_max> messages;
    auto const count = std::min(packets.size(), batch_max);
    for (auto i = 0uz; i < count; ++i) {
        auto const bytes = packets[i].view();
        auto const length = connected ? 0 : packets[i].to.to(targets[i]);
        vectors[i] = {.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
        messages[i].msg_hdr = {.msg_name = connected ? nullptr : &targets[i], .msg_namelen = length, .msg_iov = &vectors[i],
                               .msg_iovlen = 1};
    }
    if (count == 1) ::sendmsg(fd, &messages[0].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL);
    else if (count > 1) ::sendmmsg(fd, messages.data(), unsigned(count), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

std::unique_ptr<PacketIo> make_epoll_io(int tick_fd, int wake_fd) { return std::make_unique<EpollIo>(tick_fd, wake_fd); }

}  // namespace boni::media
