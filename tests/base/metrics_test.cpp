#include "base/metrics.hpp"

#include <doctest/doctest.h>

#include "base/clock.hpp"

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
