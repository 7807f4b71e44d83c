#include "speech/clip_cache.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/crypto.hpp"

namespace boni::speech {
namespace {

namespace fs = std::filesystem;

std::size_t size_of(media::Pcm const& clip) { return (clip.narrow.size() + clip.wide.size()) * sizeof(std::int16_t); }

/// What a file starts with: sample counts, and a checksum over what follows.
struct Header {
    std::array<char, 8> magic{'b', 'o', 'n', 'i', 'p', 'c', 'm', '1'};
    std::uint64_t narrow = 0;
    std::uint64_t wide = 0;
    std::uint64_t checksum = 0;
};

std::string_view bytes(std::vector<std::int16_t> const& samples) {
    return {reinterpret_cast<char const*>(samples.data()), samples.size() * sizeof(std::int16_t)};
}
std::uint64_t checksum(media::Pcm const& clip) { return std::uint64_t{crc32(bytes(clip.narrow))} << 32 | crc32(bytes(clip.wide)); }

}  // namespace

media::Clip ClipCache::find(std::string const& hash) {
    auto const at = by_hash_.find(hash);
    if (at == by_hash_.end()) {
        auto const held = held_.find(hash);
        return held == held_.end() ? media::Clip{} : held->second.lock();
    }
    used_.splice(used_.begin(), used_, at->second);
    return at->second->clip;
}

void ClipCache::put(std::string const& hash, media::Clip clip) {
    std::erase_if(held_, [](auto const& one) { return one.second.expired(); });
    held_.insert_or_assign(hash, clip);
    auto const size = size_of(*clip);
    if (size > bytes_max_ || by_hash_.contains(hash)) return;
    while (bytes_ + size > bytes_max_) {
        bytes_ -= used_.back().bytes;
        by_hash_.erase(used_.back().hash);
        used_.pop_back();
    }
    used_.push_front({hash, std::move(clip), size});
    by_hash_[hash] = used_.begin();
    bytes_ += size;
}

media::Clip ClipFiles::read(std::string const& hash) const {
    auto const path = folder_ / (hash + ".pcm");
    std::ifstream in{path, std::ios::binary};
    Header header;
    if (!in.read(reinterpret_cast<char*>(&header), sizeof header) || header.magic != Header{}.magic) return {};
    std::error_code error;
    auto const size = fs::file_size(path, error);
    if (error || size > bytes_max_ || header.narrow > size || header.wide > size) return {};   // their sum cannot wrap
    if (size != sizeof header + (header.narrow + header.wide) * sizeof(std::int16_t)) return {};
    auto clip = std::make_shared<media::Pcm>();
    clip->narrow.resize(header.narrow);
    clip->wide.resize(header.wide);
    in.read(reinterpret_cast<char*>(clip->narrow.data()), std::streamsize(header.narrow * sizeof(std::int16_t)));
    in.read(reinterpret_cast<char*>(clip->wide.data()), std::streamsize(header.wide * sizeof(std::int16_t)));
    if (!in || checksum(*clip) != header.checksum) return {};
    fs::last_write_time(path, fs::file_time_type::clock::now(), error);   // its time tells when it was used
    return clip;
}

std::size_t ClipFiles::clip_bytes(std::string const& hash) const {
    std::error_code error;
    auto const size = fs::file_size(folder_ / (hash + ".pcm"), error);
    return error || size <= sizeof(Header) ? 0 : std::size_t(size) - sizeof(Header);
}

void ClipFiles::write(std::string const& hash, media::Pcm const& clip) const {
    static std::atomic<unsigned> serial{0};
    std::error_code error;
    fs::create_directories(folder_, error);
    make_room();
    auto const part = folder_ / (hash + '.' + std::to_string(++serial) + ".part");
    {
        // What customers say to their callers: nobody else on the machine reads it.
        if (int const made = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); made >= 0) ::close(made);
        std::ofstream out{part, std::ios::binary};
        Header header;
        header.narrow = clip.narrow.size();
        header.wide = clip.wide.size();
        header.checksum = checksum(clip);
        out.write(reinterpret_cast<char const*>(&header), sizeof header);
        out << bytes(clip.narrow) << bytes(clip.wide);
        if (!out.flush()) {
            fs::remove(part, error);
            return;
        }
    }
    fs::rename(part, folder_ / (hash + ".pcm"), error);
    if (error) fs::remove(part, error);
}

/// Removes the least recently used files until the folder is within its bound.
void ClipFiles::make_room() const {
    struct File {
        fs::file_time_type used;
        std::uintmax_t size;
        fs::path path;
    };
    std::vector<File> files;
    std::uintmax_t total = 0;
    std::error_code error;
    for (fs::directory_iterator entry{folder_, error}; entry != fs::directory_iterator{}; entry.increment(error)) {
        std::error_code gone;   // another removed it since
        auto const size = entry->file_size(gone);
        if (gone) continue;
        files.push_back({entry->last_write_time(gone), size, entry->path()});
        total += size;
    }
    std::ranges::sort(files, {}, &File::used);
    for (auto const& file : files) {
        if (total <= bytes_max_) return;
        fs::remove(file.path, error);
        total -= file.size;
    }
}

}  // namespace boni::speech
