// Recordings: the media thread hands over one block per tick, a writer thread turns them into a WAV file (media.md 9).
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.hpp"
#include "media/playout.hpp"
#include "media/ring.hpp"
#include "media/wav_file.hpp"

namespace boni::media {

/// What a tick was about: sample n of a leg belongs to tick n / 160, whenever it arrived.
struct PcmBlock {
    std::uint64_t tick = 0;
    Frame received, sent;
};

/// The media thread's end of one recording. Shared with the writer, which may still be draining when the leg is gone.
class Recording {
  public:
    /// One block per tick. When the disk has been stuck for 5 s the ring is full: the recording is over, the call goes on.
    void tap(std::uint64_t tick, Frame const& received, Frame const& sent);
    void end() { ended_.store(true, std::memory_order_release); }

  private:
    friend class RecordingWriter;
    Ring<PcmBlock> ring_{256};
    std::atomic<bool> ended_ = false, overflowed_ = false;
};

/// One thread for all recordings; started with the first. Owner: the engine.
class RecordingWriter {
  public:
    /// With less than `free_bytes_min` free where it is, none begins and one that runs ends. `patch_every`: how often the header is brought up to
    /// date, which is what a crash can lose.
    explicit RecordingWriter(std::uint64_t free_bytes_min = 0, std::chrono::milliseconds patch_every = 1s);
    /// Finishes every file first; recordings that were not ended are ended here.
    ~RecordingWriter();
    RecordingWriter(RecordingWriter const&) = delete;

    using Opened = std::function<void(Result<std::shared_ptr<Recording>>)>;
    using Closed = std::function<void(Result<Recorded>)>;
    /// Thread: control. `opened` is called on the writer thread; `closed` too, once, when the file is on the disk, be it cut short, or with the reason
    /// why nothing is: Errc::unavailable.
    void open(std::filesystem::path path, RecordOptions options, Opened opened, Closed closed);

  private:
    class Writing;
    struct Request {
        std::filesystem::path path;
        RecordOptions options;
        Opened opened;
        Closed closed;
    };
    void run();
    Result<std::shared_ptr<Recording>> begin(Request request);
    void drain(Writing& file);

    std::uint64_t const free_bytes_min_;
    std::chrono::milliseconds const patch_every_;
    std::mutex mutex_;                       // guards the three below
    std::condition_variable wake_;
    std::vector<Request> requests_;
    bool stopping_ = false;
    std::vector<std::unique_ptr<Writing>> files_;   // the writer thread's own
    std::thread thread_;
};

}  // namespace boni::media
