// Small files that only we may read: keys, seeds, certificates. Thread: blocks; at start only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace boni::app {

/// Whole text; nullopt when there is no such file. Errc::unavailable when it cannot be read, is over 1 MiB, or its mode lets
/// others in.
Result<std::optional<std::string>> read_private(std::filesystem::path const& file);

/// Mode 0600, written beside and renamed, on disk when this returns: a crash leaves the old file or the new one.
Result<> write_private(std::filesystem::path const& file, std::string_view text);

}  // namespace boni::app
