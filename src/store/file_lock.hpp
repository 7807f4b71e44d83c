// Who may write a database: one process. SQLite would let two, and each would close the calls of the other as lost. Thread: any.
#pragma once

#include <filesystem>
#include <utility>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace boni::store {

/// Held until it is destroyed or the process ends, in whatever way.
class FileLock {
  public:
    /// By "<file>.lock", which stays. Errc::conflict: another process holds it, named by its id; Errc::unavailable: it cannot be made.
    static Result<FileLock> take(std::filesystem::path const& file);

  private:
    explicit FileLock(Fd descriptor) : descriptor_{std::move(descriptor)} {}
    Fd descriptor_;
};

}  // namespace boni::store
