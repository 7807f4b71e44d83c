#include "base/version.hpp"

namespace boni {

std::string_view version() { return BONI_VERSION; }

std::string const& user_agent() {
    static std::string const one = "Boni-Voice/" BONI_VERSION;
    return one;
}

}  // namespace boni
