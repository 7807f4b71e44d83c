// How many files and sockets the process may have open. Thread: main, before any other.
#pragma once

#include <cstdint>

#include "app/config.hpp"

namespace boni::app {

/// With as many calls and connections as the settings allow.
std::uint64_t descriptors_wanted(Config const& config);

/// Takes what the system lets us have, up to what the SIP library has a table for: shells and systemd begin with 1024, which are 300 calls.
/// Warns when it is less than `wanted`. Returns what it is.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

}  // namespace boni::app
