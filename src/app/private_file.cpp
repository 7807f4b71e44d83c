#include "app/private_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hpp"

namespace boni::app {
namespace {

constexpr std::size_t bytes_max = 1024 * 1024;

std::unexpected<Error> refused(std::filesystem::path const& file, std::string_view what) {
    return fail(Errc::unavailable, fmt::format("{}: {}", file.string(), what));
}

}  // namespace

Result<std::optional<std::string>> read_private(std::filesystem::path const& file) {
    Fd const in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!in && errno == ENOENT) return std::nullopt;
    if (!in) return refused(file, std::strerror(errno));
    struct ::stat status{};
    if (::fstat(in.get(), &status) != 0 || !S_ISREG(status.st_mode)) return refused(file, "is not a file");
    if ((status.st_mode & 077) != 0) return refused(file, fmt::format("holds secrets and others may read it; chmod 600 {}", file.string()));
    std::string text(bytes_max + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        auto const got = ::read(in.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refused(file, std::strerror(errno));
        if (got == 0) break;
        size += std::size_t(got);
    }
    if (size > bytes_max) return refused(file, "is over 1 MiB");
    text.resize(size);
    return text;
}

Result<> write_private(std::filesystem::path const& file, std::string_view text) {
    auto const beside = file.string() + ".new";
    {
        Fd const out{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (!out) return refused(beside, std::strerror(errno));
        for (std::size_t done = 0; done < text.size();) {
            auto const wrote = ::write(out.get(), text.data() + done, text.size() - done);
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) return refused(beside, std::strerror(errno));
            done += std::size_t(wrote);
        }
        if (::fsync(out.get()) != 0) return refused(beside, std::strerror(errno));
    }
    if (::rename(beside.c_str(), file.c_str()) != 0) return refused(file, std::strerror(errno));
    Fd const folder{::open(file.has_parent_path() ? file.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (folder) ::fsync(folder.get());   // the name, too
    return {};
}

}  // namespace boni::app
