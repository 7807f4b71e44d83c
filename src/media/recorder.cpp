#include "media/recorder.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "media/wav.hpp"

namespace boni::media {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;
constexpr auto poll_every = 100ms;    // the media thread wakes nobody: that would be a system call per tick

Error disk_error(std::string what) { return {Errc::unavailable, what + ": " + std::strerror(errno)}; }

}  // namespace

void Recording::tap(std::uint64_t tick, Frame const& received, Frame const& sent) {
    if (!ring_.push({tick, received, sent})) overflowed_.store(true, std::memory_order_release);
}

/// One file being written. Lives on the writer thread.
class RecordingWriter::File {
  public:
    File(Request request, int fd)
        : options{request.options}, closed{std::move(request.closed)}, recording{std::make_shared<Recording>()}, fd_{fd} {
        pending_.reserve(block_bytes + 4 * frame_samples);
        write_all(0, wav_header(channels(), sample_hz, 0));
        patched_ = std::chrono::steady_clock::now();
    }
    ~File() { ::close(fd_); }

    void append(PcmBlock const& block) {
        if (!next_tick_) next_tick_ = block.tick;
        static constexpr Frame silence{};
        for (; *next_tick_ < block.tick; ++*next_tick_) append(silence, silence);   // ticks the thread was too late for
        append(block.received, block.sent);
        ++*next_tick_;
    }
    void patch_when_due(std::chrono::milliseconds every) {
        auto const now = std::chrono::steady_clock::now();
        if (now - patched_ < every) return;
        patched_ = now;
        patch();
    }
    void give_up(Error why) {   // what came before is kept
        patch();
        if (!error) error = std::move(why);
    }
    Result<> finish() {
        patch();
        if (!error && ::fsync(fd_) != 0) error = disk_error("recording: cannot sync the file");
        if (error) return std::unexpected(*error);
        return {};
    }

    RecordOptions const options;
    Closed const closed;
    std::shared_ptr<Recording> const recording;
    std::optional<Error> error;
    bool done = false;

  private:
    unsigned channels() const { return options.stereo ? 2 : 1; }

    void append(Frame const& received, Frame const& sent) {
        auto put = [&](std::int16_t sample) {
            pending_.push_back(std::uint8_t(sample));
            pending_.push_back(std::uint8_t(std::uint16_t(sample) >> 8));
        };
        for (auto i = 0uz; i < frame_samples; ++i) {
            put(received[i]);
            if (options.stereo) put(sent[i]);
        }
        if (pending_.size() >= block_bytes) flush();
    }
    void flush() {
        if (written_ + pending_.size() > wav_data_max && !error) error = Error{Errc::limit, "recording: the file is full at 4 GiB"};
        if (!error) {
            write_all(off_t(wav_header_size + written_), pending_);
            if (!error) written_ += pending_.size();
        }
        pending_.clear();
    }
    void patch() {
        flush();
        if (!error || error->code == Errc::limit) write_all(0, wav_header(channels(), sample_hz, written_));
    }
    void write_all(off_t at, std::span<std::uint8_t const> bytes) {
        while (!bytes.empty()) {
            auto const count = ::pwrite(fd_, bytes.data(), bytes.size(), at);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                error = disk_error("recording: cannot write");
                return;
            }
            at += count;
            bytes = bytes.subspan(std::size_t(count));
        }
    }

    int const fd_;
    std::vector<std::uint8_t> pending_;
    std::uint64_t written_ = 0;
    std::optional<std::uint64_t> next_tick_;
    Steady patched_;
};

RecordingWriter::RecordingWriter(std::chrono::milliseconds patch_every) : patch_every_{patch_every} {}

RecordingWriter::~RecordingWriter() {
    {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void RecordingWriter::open(std::filesystem::path path, RecordOptions options, Opened opened, Closed closed) {
    {
        std::lock_guard const lock{mutex_};
        requests_.push_back({std::move(path), options, std::move(opened), std::move(closed)});
    }
    if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
    wake_.notify_one();
}

void RecordingWriter::run() {
    for (auto stopping = false; !stopping;) {
        std::vector<Request> requests;
        {
            std::unique_lock lock{mutex_};
            wake_.wait_for(lock, poll_every, [&] { return stopping_ || !requests_.empty(); });
            requests.swap(requests_);
            stopping = stopping_;
        }
        for (auto& request : requests) {
            auto const fd = ::open(request.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            if (fd < 0) {
                request.opened(std::unexpected(disk_error("recording: cannot create the file")));
                continue;
            }
            auto const opened = std::move(request.opened);
            opened(files_.emplace_back(std::make_unique<File>(std::move(request), fd))->recording);
        }
        if (stopping)
            for (auto const& file : files_) file->recording->end();
        for (auto const& file : files_) drain(*file);
        std::erase_if(files_, [](auto const& file) { return file->done; });
    }
}

void RecordingWriter::drain(File& file) {
    auto& recording = *file.recording;
    auto const ended = recording.ended_.load(std::memory_order_acquire);   // before the ring: what was pushed earlier is in it
    for (PcmBlock block; recording.ring_.pop(block);) file.append(block);
    if (recording.overflowed_.load(std::memory_order_acquire) && !file.error)
        file.give_up({Errc::unavailable, "recording: the disk did not keep up"});
    file.patch_when_due(patch_every_);
    if (!ended && !file.error) return;
    file.done = true;
    file.closed(file.finish());
}

}  // namespace boni::media
