#include "cli/softphone/unnamed_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace boni::cli {

/// Not O_TMPFILE: some file systems have none. The name lives for the two lines between its making and its end.
Result<UnnamedFile> UnnamedFile::make() {
    std::error_code none;
    auto name = (std::filesystem::temp_directory_path(none) / "boni-call-XXXXXX").string();
    if (none) return fail(Errc::unavailable, "there is no folder for temporary files: " + none.message());
    Fd fd{::mkostemp(name.data(), O_CLOEXEC)};   // which puts letters of its own for the six X
    if (!fd) return fail(Errc::unavailable, "cannot write " + name + ": " + std::strerror(errno));
    ::unlink(name.c_str());
    return UnnamedFile{std::move(fd)};
}

std::filesystem::path UnnamedFile::path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

}  // namespace boni::cli
