// Whether a disk has room left. Thread: any; asks the file system.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.hpp"

namespace boni::store {

/// Errc::unavailable with less than `bytes` free where `file` is. What cannot be asked has room: a write will tell.
Result<> has_room(std::filesystem::path const& file, std::uintmax_t bytes);

}  // namespace boni::store
