#include <system_error>

#include <doctest/doctest.h>
#include <fcntl.h>

#include "base/fd.hpp"
#include "media/packet_io.hpp"

using namespace boni;

TEST_CASE("an epoll that cannot watch its timer says so and leaves no descriptor open") {
    auto const lowest_free = [] { return Fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}.get(); };
    auto const before = lowest_free();
    CHECK_THROWS_AS(media::make_epoll_io(-1, -1), std::system_error);
    CHECK(lowest_free() == before);
}
