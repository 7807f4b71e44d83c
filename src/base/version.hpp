// Which build this is. Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace boni {

/// "0.1.0", from the project's CMakeLists.txt.
std::string_view version();

/// "Boni-Voice/0.1.0": how we introduce ourselves to customers' servers.
std::string const& user_agent();

}  // namespace boni
