#include "store/file_lock.hpp"

#include <array>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace boni::store {

Result<FileLock> FileLock::take(std::filesystem::path const& file) {
    auto const path = file.string() + ".lock";
    Fd locked{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!locked) return fail(Errc::unavailable, path + ": " + std::generic_category().message(errno));
    if (::flock(locked.get(), LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 20> owner{};
        auto const size = ::pread(locked.get(), owner.data(), owner.size(), 0);
        auto const process = size > 0 ? " (process " + std::string(owner.data(), std::size_t(size)) + ")" : std::string{};
        return fail(Errc::conflict, file.string() + " is used by another boni" + process);
    }
    auto const self = std::to_string(::getpid());
    if (::ftruncate(locked.get(), 0) != 0 || ::pwrite(locked.get(), self.data(), self.size(), 0) < 0)
        return fail(Errc::unavailable, path + ": " + std::generic_category().message(errno));
    return FileLock{std::move(locked)};
}

}  // namespace boni::store
