#include "app/version.hpp"

namespace boni::app {

std::string_view version() { return BONI_VERSION; }

}  // namespace boni::app
