#include "base/event_fd.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>

namespace boni {

EventFd::EventFd() : fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    if (!fd_) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

void EventFd::signal() const {
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = ::write(fd_.get(), &one, sizeof one);   // full means: already signalled
}

void EventFd::drain() const {
    std::uint64_t count = 0;
    [[maybe_unused]] auto const got = ::read(fd_.get(), &count, sizeof count);
}

}  // namespace boni
