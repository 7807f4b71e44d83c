// A WAV file on its way: 16-bit PCM at 8 kHz, little endian (RIFF). Whatever stops the writer, what it holds up to the last `patch` can be played.
//
// Thread: one, and it may block. Owner: the recorder; for `mend` whoever finds the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace boni::media {

struct RecordOptions {
    bool stereo = true;                  ///< left: received, right: sent; else the sum of both
};

/// What became of a recording: its file is closed and on the disk.
struct Recorded {
    std::uint64_t samples = 0;           ///< of each channel, at 8 kHz
    std::uint64_t bytes = 0;             ///< of the whole file
    std::string cut_short;               ///< why it ended before it was told to; empty: it did not
};

class WavFile {
  public:
    /// The file is 0600 and replaces one of that name, which is on the disk when this returns. Errc::unavailable with the kernel's reason.
    static Result<std::unique_ptr<WavFile>> create(std::filesystem::path path, unsigned channels);
    WavFile(WavFile const&) = delete;

    void put(std::int16_t sample) {
        pending_.push_back(std::uint8_t(sample));
        pending_.push_back(std::uint8_t(std::uint16_t(sample) >> 8));
    }
    /// Writes what was put, in blocks of 64 KiB unless `all`. Errc::unavailable: nothing of the last block counts. Errc::limit at 4 GiB.
    Result<> flush(bool all = false);
    Result<> patch();                    ///< the header says what was flushed
    Result<Recorded> close();            ///< the same, and all of it is on the disk
    std::uint64_t bytes_free() const;    ///< where it is, for everybody

    /// A file that nobody closed, as after a crash: its header says what it holds, up to the last whole sample. No samples when it is none of ours, no
    /// bytes either when there is none or an empty one.
    static Result<Recorded> mend(std::filesystem::path const& path);

  private:
    WavFile(Fd fd, unsigned channels, std::filesystem::path path);
    Result<> write_all(off_t at, std::span<std::uint8_t const> bytes) const;
    Result<> sync_folder() const;

    Fd const fd_;
    unsigned const channels_;
    std::filesystem::path const path_;
    std::vector<std::uint8_t> pending_;
    std::uint64_t written_ = 0;          ///< bytes behind the header
};

}  // namespace boni::media
