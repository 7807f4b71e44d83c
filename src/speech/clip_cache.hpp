// Decoded prompts by content: least recently used first out, in memory and as files (media.md 7, step 4).
#pragma once

#include <cstddef>
#include <filesystem>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "media/clip.hpp"

namespace boni::speech {

/// In memory. Thread: control.
class ClipCache {
  public:
    explicit ClipCache(std::size_t bytes_max) : bytes_max_{bytes_max} {}
    /// Null when it is neither kept nor held by anybody.
    media::Clip find(std::string const& hash);
    void put(std::string const& hash, media::Clip clip);   ///< a clip larger than the whole cache is not kept
    std::size_t bytes() const { return bytes_; }

  private:
    struct Entry {
        std::string hash;
        media::Clip clip;
        std::size_t bytes;
    };
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::list<Entry> used_;                             // most recent first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_hash_;
    std::unordered_map<std::string, std::weak_ptr<media::Pcm const>> held_;   // also what the cache has dropped while calls play it
};

/// As files in one folder, "<hash>.pcm". Thread: blocks; blocking pool only, any of its threads. Files are written beside and
/// renamed, so a reader never sees half of one; a damaged file counts as absent.
class ClipFiles {
  public:
    ClipFiles(std::filesystem::path folder, std::size_t bytes_max) : folder_{std::move(folder)}, bytes_max_{bytes_max} {}
    media::Clip read(std::string const& hash) const;
    std::size_t clip_bytes(std::string const& hash) const;               ///< of what `read` gives, 0 when absent
    void write(std::string const& hash, media::Pcm const& clip) const;   ///< a full disk loses nothing but speed

  private:
    void make_room() const;
    std::filesystem::path folder_;
    std::size_t bytes_max_;
};

}  // namespace boni::speech
