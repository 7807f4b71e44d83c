// What reaches the descriptor of standard error, whoever writes it.
#pragma once

#include <cstdio>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

namespace boni::test {

/// While `work` runs; at most what a pipe holds.
template <class Work>
std::string on_standard_error(Work work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::fflush(stderr);
    auto const kept = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
    work();
    std::fflush(stderr);
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    std::string out(65'536, '\0');
    auto const size = ::read(ends[0], out.data(), out.size());
    ::close(ends[0]);
    out.resize(std::size_t(std::max<ssize_t>(0, size)));
    return out;
}

}  // namespace boni::test
