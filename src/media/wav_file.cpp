#include "media/wav_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "media/codec.hpp"
#include "media/wav.hpp"

namespace boni::media {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t sample_bytes = 2;
constexpr std::size_t channels_at = 22;              // in the header

auto disk_error(std::string what) { return fail(Errc::unavailable, "recording: " + what + ": " + std::strerror(errno)); }

}  // namespace

WavFile::WavFile(Fd fd, unsigned channels, std::filesystem::path path) : fd_{std::move(fd)}, channels_{channels}, path_{std::move(path)} {}

Result<std::unique_ptr<WavFile>> WavFile::create(std::filesystem::path path, unsigned channels) {
    Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!fd) return disk_error("cannot create the file");
    std::unique_ptr<WavFile> file{new WavFile{std::move(fd), channels, std::move(path)}};
    file->pending_.reserve(block_bytes + 4 * frame_samples);
    CHECK_OK(file->patch());
    CHECK_OK(file->sync_folder());
    return file;
}

Result<> WavFile::flush(bool all) {
    if (pending_.empty() || (!all && pending_.size() < block_bytes)) return {};
    auto const pending = std::exchange(pending_, {});
    pending_.reserve(pending.capacity());
    if (written_ + pending.size() > wav_data_max) return fail(Errc::limit, "recording: the file is full at 4 GiB");
    CHECK_OK(write_all(off_t(wav_header_size + written_), pending));
    written_ += pending.size();
    return {};
}

Result<> WavFile::patch() { return write_all(0, wav_header(channels_, sample_hz, written_)); }

Result<Recorded> WavFile::close() {
    CHECK_OK(patch());
    if (::ftruncate(fd_.get(), off_t(wav_header_size + written_)) != 0 && errno != EINVAL)   // EINVAL: a device
        return disk_error("cannot end the file");
    if (::fsync(fd_.get()) != 0 && errno != EINVAL) return disk_error("cannot sync the file");
    return Recorded{.samples = written_ / (channels_ * sample_bytes), .bytes = wav_header_size + written_, .cut_short = {}};
}

/// A file whose name is not on the disk is gone with the power.
Result<> WavFile::sync_folder() const {
    auto const parent = path_.parent_path();
    Fd const folder{::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder || (::fsync(folder.get()) != 0 && errno != EINVAL)) return disk_error("cannot sync the folder");
    return {};
}

std::uint64_t WavFile::bytes_free() const {
    struct statvfs about{};
    if (::fstatvfs(fd_.get(), &about) != 0) return ~std::uint64_t{0};   // not known: whoever writes finds out
    return std::uint64_t(about.f_bavail) * about.f_frsize;
}

Result<Recorded> WavFile::mend(std::filesystem::path const& path) {
    Fd fd{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (!fd && errno == ENOENT) return Recorded{};   // no bytes
    if (!fd) return disk_error("cannot open the file");
    std::array<std::uint8_t, wav_header_size> header{};
    struct stat about{};
    auto const read = ::pread(fd.get(), header.data(), header.size(), 0);
    auto const channels = unsigned(header[channels_at]);
    WavFile file{std::move(fd), channels, path};
    if (read < 0 || ::fstat(file.fd_.get(), &about) != 0) return disk_error("cannot read the file");
    if (read != ssize_t(header.size()) || std::memcmp(header.data(), "RIFF", 4) != 0 || channels < 1 || channels > 2)
        return Recorded{.bytes = std::uint64_t(about.st_size)};
    auto const data = std::min(std::uint64_t(about.st_size) - wav_header_size, wav_data_max);
    file.written_ = data - data % (channels * sample_bytes);
    return file.close();
}

Result<> WavFile::write_all(off_t at, std::span<std::uint8_t const> bytes) const {
    while (!bytes.empty()) {
        auto const count = ::pwrite(fd_.get(), bytes.data(), bytes.size(), at);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return disk_error("cannot write");
        at += count;
        bytes = bytes.subspan(std::size_t(count));
    }
    return {};
}

}  // namespace boni::media
