// Which build this is. Thread: any.
#pragma once

#include <string_view>

namespace boni::app {

/// "0.1.0", from the project's CMakeLists.txt.
std::string_view version();

}  // namespace boni::app
