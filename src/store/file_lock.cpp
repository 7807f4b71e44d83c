#include "store/file_lock.hpp"

#include <array>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace boni::store {

Result<FileLock> FileLock::take(std::filesystem::path const& file) {
    auto const path = file.string() + ".lock";
    FileLock lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (lock.descriptor_ < 0) return fail(Errc::unavailable, path + ": " + std::generic_category().message(errno));
    if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 20> owner{};
        auto const size = ::pread(lock.descriptor_, owner.data(), owner.size(), 0);
        auto const process = size > 0 ? " (process " + std::string(owner.data(), std::size_t(size)) + ")" : std::string{};
        return fail(Errc::conflict, file.string() + " is used by another boni" + process);
    }
    auto const self = std::to_string(::getpid());
    if (::ftruncate(lock.descriptor_, 0) != 0 || ::pwrite(lock.descriptor_, self.data(), self.size(), 0) < 0)
        return fail(Errc::unavailable, path + ": " + std::generic_category().message(errno));
    return lock;
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace boni::store
