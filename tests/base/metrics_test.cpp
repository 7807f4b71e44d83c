#include "base/metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/fd.hpp"

using namespace boni;

namespace {

/// Of a metric without labels; -1 when it is not there.
double shown_value(std::string const& text, std::string const& name) {
    auto const at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

}  // namespace

TEST_CASE("the process is told as Prometheus names it") {
    auto const text = metrics::render();
    CHECK(text.find("# TYPE process_cpu_seconds_total counter") != std::string::npos);
    auto const now = double(unix_seconds(system_clock().now()));
    auto const started = shown_value(text, "process_start_time_seconds");
    CHECK(started > now - 300);
    CHECK(started <= now + 2);
    CHECK(shown_value(text, "process_virtual_memory_bytes") >= shown_value(text, "process_resident_memory_bytes"));
    CHECK(shown_value(text, "process_max_fds") >= shown_value(text, "process_open_fds"));
    CHECK(shown_value(text, "process_open_fds") > 0);
    auto const spent = shown_value(text, "process_cpu_seconds_total");
    CHECK(shown_value(metrics::render(), "process_cpu_seconds_total") >= spent);
}

TEST_CASE("open descriptors are counted, and thousands of them take no longer than a few") {
    struct ::stat folder{};
    auto const told_at_once = ::stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0;   // before Linux 6.2 it is not
    auto const quickest = [] {
        auto best = Steady::duration::max();
        for (auto i = 0; i < 10; ++i) {
            auto const begun = system_clock().steady();
            (void)metrics::render();
            best = std::min(best, system_clock().steady() - begun);
        }
        return best;
    };
    constexpr auto more = 4000;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    auto const raised = rlimit{std::min<rlim_t>(before.rlim_max, 8192), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &raised) == 0);
    auto const few = shown_value(metrics::render(), "process_open_fds");
    auto const time = quickest();
    std::vector<Fd> open;
    for (auto i = 0; i < more; ++i) {
        open.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        REQUIRE(open.back());
    }
    CHECK(shown_value(metrics::render(), "process_open_fds") == few + more);
    if (told_at_once) CHECK(quickest() < time + 2ms);
    open.clear();
    ::setrlimit(RLIMIT_NOFILE, &before);
}
