// One JSON object per line on stderr. Never secrets, never digits pressed, never audio; numbers masked by `masked`.
// Thread: any; a line is written with one write(2). Not for the RTP path, which only counts.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace boni {

enum class Level { debug, info, warning, error };

/// Where lines are below this level they are not built. Set once at start.
void set_log_level(Level level);
bool log_enabled(Level level);

struct Field {
    std::string_view key;
    std::string value;
};

void log(Level level, std::string_view component, std::string_view message, std::initializer_list<Field> fields = {});

inline void log_debug(std::string_view component, std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::debug, component, message, fields);
}
inline void log_info(std::string_view component, std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::info, component, message, fields);
}
inline void log_warning(std::string_view component, std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::warning, component, message, fields);
}
inline void log_error(std::string_view component, std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::error, component, message, fields);
}

/// "+919876543210" becomes "+9198xxxxx210"; short or odd values become "xxxx".
std::string masked(std::string_view number);

}  // namespace boni
