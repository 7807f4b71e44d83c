// The 32 bytes that seal every secret in the database. Thread: main, at start.
#pragma once

#include "app/config.hpp"
#include "base/task.hpp"
#include "store/store.hpp"

namespace boni::app {

/// From the setting, else from the file, which is made with mode 0600 when neither it nor `database` is there, or the setting
/// says that it is lost. Errors name the setting or
/// file: not 32 bytes of base64, not readable, readable by others, or gone.
Result<Secret> read_master_key(SecuritySettings const& settings, std::filesystem::path const& database);

/// That `key` opens what is sealed in the database; a wrong one would only be noticed by customers, delivery by delivery. `lost`: the
/// operator knows, and it is only logged.
Task<Result<>> check_master_key(Secret const& key, bool lost, store::Store& store);

/// Seals every secret of `database` with a new key. The file of `settings` has it then, and the one of before is kept as "<file>.before".
/// Errors: the setting has the key, not a file; a platform runs; the present key does not open a secret. Once it was interrupted, whether
/// before or behind the database's commit, it is to be called again. How many secrets there are.
Result<std::size_t> rotate_master_key(SecuritySettings const& settings, std::filesystem::path const& database);

}  // namespace boni::app
