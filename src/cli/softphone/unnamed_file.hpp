// A temporary file nobody has to remove: it has no name, so it goes with its last user, be that by kill -9. Thread: any.
#pragma once

#include <filesystem>
#include <utility>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace boni::cli {

class UnnamedFile {
  public:
    /// In the folder for temporary files. Errc::unavailable when nothing can be written there.
    static Result<UnnamedFile> make();

    /// Where this process can open it, for as long as the object lives.
    std::filesystem::path path() const;

  private:
    explicit UnnamedFile(Fd fd) : fd_{std::move(fd)} {}
    Fd fd_;
};

}  // namespace boni::cli
