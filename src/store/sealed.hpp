// Sealing every secret of a database anew. Thread: any; blocks.
#pragma once

#include "store/store.hpp"

namespace boni::store {

/// Puts what `anew` makes of each secret in its place, all in one transaction; how many there were. Nobody else may have the database
/// open. Errors: Errc::not_found, there is no such file; Errc::conflict, a platform runs on it; what `anew` said.
Result<std::size_t> reseal(std::filesystem::path const& database, std::function<Result<std::string>(SealedSecret const&)> const& anew);

}  // namespace boni::store
