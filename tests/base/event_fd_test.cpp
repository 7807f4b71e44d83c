#include "base/event_fd.hpp"

#include <doctest/doctest.h>

#include <poll.h>

using namespace boni;

TEST_CASE("it is readable from the first signal until it is drained, however many came") {
    EventFd const fd;
    auto const readable = [&] {
        pollfd one{.fd = fd.get(), .events = POLLIN, .revents = 0};
        return ::poll(&one, 1, 0) == 1;
    };
    CHECK_FALSE(readable());
    fd.signal();
    fd.signal();
    CHECK(readable());
    fd.drain();
    CHECK_FALSE(readable());
    fd.drain();   // of nothing: it does not wait
}
