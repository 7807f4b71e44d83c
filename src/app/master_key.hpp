// The 32 bytes that seal every secret in the database. Thread: main, at start.
#pragma once

#include "app/config.hpp"

namespace boni::app {

/// From the setting, else from the file, which is made with mode 0600 when it is not there. Errors name the setting or file:
/// not 32 bytes of base64, not readable, or readable by others.
Result<Secret> read_master_key(SecuritySettings const& settings);

}  // namespace boni::app
