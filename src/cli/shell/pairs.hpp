// "name=value" on the command line. Thread: any.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace boni::cli {

/// true, false and whole numbers as such; Errc::invalid names what is neither, or is there twice.
Result<json::object> pairs_of(std::vector<std::string> const& texts);

}  // namespace boni::cli
