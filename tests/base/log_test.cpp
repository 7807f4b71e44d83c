#include "base/log.hpp"

#include <array>
#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hpp"

using namespace boni;

namespace {

/// Standard error is a pipe for as long as this lives.
struct PipedLog {
    PipedLog() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reader = Fd{ends[0]};
        ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
        kept = Fd{::dup(STDERR_FILENO)};
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[1]);
    }
    ~PipedLog() { restore(); }
    void restore() {
        if (kept) ::dup2(kept.get(), STDERR_FILENO);
        kept = {};
    }
    /// Everything that is in it.
    std::string read() const {
        std::string all(1 << 20, '\0');
        auto size = 0uz;
        for (ssize_t got = 1; (got = ::read(reader.get(), all.data() + size, all.size() - size)) > 0;) size += std::size_t(got);
        all.resize(size);
        return all;
    }
    Fd reader;
    Fd kept;
};

}  // namespace

TEST_CASE("a log that nobody reads holds up nobody, and tells afterwards what it lost") {
    PipedLog piped;
    auto const began = std::chrono::steady_clock::now();
    for (auto line = 0; line < 3000; ++line) log_error("test", std::string(200, 'x'));   // a pipe takes 64 KiB
    auto const took = std::chrono::steady_clock::now() - began;
    auto const before = piped.read();
    log_error("test", "here again");
    auto const after = piped.read();
    piped.restore();
    CHECK(took < std::chrono::seconds{5});
    CHECK(before.size() > 30'000);
    CHECK(before.ends_with("}\n"));
    CHECK(after.contains("lines were lost"));
    CHECK(after.contains("here again"));
}
