// A copy of the database at one moment, of a platform that may be running. Thread: any; blocks for as long as the file is large.
#pragma once

#include <filesystem>
#include <vector>

#include "model/recording.hpp"
#include "store/session.hpp"

namespace boni::store {

/// Writes what `session` sees to `to`, with mode 0600 and on the disk when this returns; what was at `to` is replaced once the copy is
/// whole. Errc::unavailable: no space, no right.
Result<> back_up(Session& session, std::filesystem::path const& to);
/// The same of a file, and id, file and size of the recordings that belong to it, in order of their ids. Errc::not_found: there is no such file;
/// Errc::invalid: what is at `to` is no copy of a database, or a part of this one; Errc::unavailable also when a newer binary wrote it.
Result<std::vector<model::Recording>> back_up(std::filesystem::path const& database, std::filesystem::path const& to);

}  // namespace boni::store
