// Brings a database file to the schema of this binary. Thread: the writer's, before anything else.
#pragma once

#include "store/session.hpp"

namespace boni::store {

/// The version this binary writes.
int schema_version();
/// The version of the file, 0 for a new one. Errc::unavailable when a newer binary wrote it.
Result<int> schema_of(Session& session);
/// Runs what is missing up to `version`, each migration in its own transaction, after a copy of what was to "<file>.schema-<version>".
/// Errc::unavailable when that cannot be written, or when the file was written by a newer binary: an older one would not keep its
/// promises. Throws DatabaseError.
Result<> migrate(Session& session, std::filesystem::path const& file, int version = schema_version());

}  // namespace boni::store
