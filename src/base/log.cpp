#include "base/log.hpp"

#include <atomic>
#include <poll.h>
#include <unistd.h>

#include <boost/json/value.hpp>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace boni {
namespace {

constexpr int patience_ms = 50;   // a reader that is busy takes the next line sooner than this
std::atomic<Level> lowest{Level::info};
std::atomic<bool> stalled{false};
std::atomic<unsigned long long> lost{0};

std::string_view level_name(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
        case Level::error: return "error";
    }
    return "error";
}

/// A full pipe whose reader has stopped, as a paused terminal's, would hold up whoever logs, and that is every call. It is waited for once;
/// from then on lines are lost, and counted, until it reads again.
bool read_by_somebody() {
    pollfd standard_error{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    auto const takes = ::poll(&standard_error, 1, stalled.load(std::memory_order_relaxed) ? 0 : patience_ms) != 0;   // an error is the write's
    stalled.store(!takes, std::memory_order_relaxed);
    return takes;
}

void write(Level level, std::string_view component, std::string_view message, std::initializer_list<Field> fields) {
    boost::json::object line;
    line["ts"] = rfc3339(system_clock().now());
    line["level"] = level_name(level);
    line["msg"] = as_utf8(message);
    line["component"] = component;
    for (auto const& field : fields) line[field.key] = as_utf8(field.value);
    auto text = json::serialize(line);
    text.push_back('\n');
    // A log that cannot be written has nowhere to say so.
    [[maybe_unused]] auto const written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

void set_log_level(Level level) { lowest.store(level, std::memory_order_relaxed); }
bool log_enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void log(Level level, std::string_view component, std::string_view message, std::initializer_list<Field> fields) {
    if (!log_enabled(level)) return;
    if (!read_by_somebody()) {
        ++lost;
        return;
    }
    if (auto const lines = lost.exchange(0); lines > 0)
        write(Level::warning, "log", "nobody read the log for a while, and lines were lost", {{"lines", std::to_string(lines)}});
    write(level, component, message, fields);
}

std::string masked(std::string_view number) {
    if (number.size() < 10) return "xxxx";
    auto const head = number.front() == '+' ? 5uz : 4uz;
    return std::string{number.substr(0, head)} + "xxxxx" + std::string{number.substr(number.size() - 3)};
}

}  // namespace boni
