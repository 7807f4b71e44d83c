#include "base/log.hpp"

#include <atomic>
#include <unistd.h>

#include <boost/json/value.hpp>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace boni {
namespace {

std::atomic<Level> lowest{Level::info};

std::string_view level_name(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
        case Level::error: return "error";
    }
    return "error";
}

}  // namespace

void set_log_level(Level level) { lowest.store(level, std::memory_order_relaxed); }
bool log_enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void log(Level level, std::string_view component, std::string_view message, std::initializer_list<Field> fields) {
    if (!log_enabled(level)) return;
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

std::string masked(std::string_view number) {
    if (number.size() < 10) return "xxxx";
    auto const head = number.front() == '+' ? 5uz : 4uz;
    return std::string{number.substr(0, head)} + "xxxxx" + std::string{number.substr(number.size() - 3)};
}

}  // namespace boni
