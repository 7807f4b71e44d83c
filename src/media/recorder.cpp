#include "media/recorder.hpp"

#include "media/limiter.hpp"

namespace boni::media {
namespace {

constexpr auto poll_every = 100ms;    // the media thread wakes nobody: that would be a system call per tick
constexpr std::string_view nearly_full = "recording: the disk is nearly full";

}  // namespace

void Recording::tap(std::uint64_t tick, Frame const& received, Frame const& sent) {
    if (!ring_.push({tick, received, sent})) overflowed_.store(true, std::memory_order_release);
}

/// One recording's file and its end. Lives on the writer thread.
class RecordingWriter::Writing {
  public:
    Writing(Request request, std::unique_ptr<WavFile> file)
        : closed{std::move(request.closed)}, recording{std::make_shared<Recording>()}, stereo_{request.options.stereo}, file_{std::move(file)} {}

    void append(PcmBlock const& block) {
        if (!next_tick_) next_tick_ = block.tick;
        static constexpr Frame silence{};
        for (; *next_tick_ < block.tick; ++*next_tick_) append(silence, silence);   // ticks the thread was too late for
        append(block.received, block.sent);
        ++*next_tick_;
    }
    /// What a crash can lose, and what others need of the disk, is looked at as often.
    void patch_when_due(std::chrono::milliseconds every, std::uint64_t free_min) {
        auto const now = std::chrono::steady_clock::now();
        if (now - patched_ < every) return;
        patched_ = now;
        take(file_->flush(true));
        take(file_->patch());
        if (file_->bytes_free() < free_min) cut_short({Errc::unavailable, std::string{nearly_full}});
    }
    /// What came before is kept.
    void cut_short(Error why) {
        if (!why_) why_ = std::move(why);
    }
    bool is_cut_short() const { return why_.has_value(); }
    Result<Recorded> close() {
        take(file_->flush(true));
        auto recorded = file_->close();
        if (!why_) return recorded;
        if (!recorded || recorded->samples == 0) return std::unexpected(*why_);
        recorded->cut_short = why_->what;
        return recorded;
    }

    Closed const closed;
    std::shared_ptr<Recording> const recording;
    bool done = false;

  private:
    void append(Frame const& received, Frame const& sent) {
        if (why_) return;
        for (auto i = 0uz; i < frame_samples; ++i) {
            file_->put(stereo_ ? received[i] : limit_(received[i] + sent[i]));
            if (stereo_) file_->put(sent[i]);
        }
        take(file_->flush());
    }
    void take(Result<> const& written) {
        if (!written) cut_short(written.error());
    }

    bool const stereo_;
    std::unique_ptr<WavFile> const file_;
    Limiter limit_;
    std::optional<Error> why_;
    std::optional<std::uint64_t> next_tick_;
    Steady patched_ = std::chrono::steady_clock::now();
};

RecordingWriter::RecordingWriter(std::uint64_t free_bytes_min, std::chrono::milliseconds patch_every)
    : free_bytes_min_{free_bytes_min}, patch_every_{patch_every} {}

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
            auto const opened = std::move(request.opened);
            opened(begin(std::move(request)));
        }
        if (stopping)
            for (auto const& file : files_) file->recording->end();
        for (auto const& file : files_) drain(*file);
        std::erase_if(files_, [](auto const& file) { return file->done; });
    }
}

Result<std::shared_ptr<Recording>> RecordingWriter::begin(Request request) {
    TRY(auto file, WavFile::create(request.path, request.options.stereo ? 2 : 1));
    if (file->bytes_free() < free_bytes_min_) {
        std::error_code error;
        std::filesystem::remove(request.path, error);
        return fail(Errc::unavailable, std::string{nearly_full});
    }
    return files_.emplace_back(std::make_unique<Writing>(std::move(request), std::move(file)))->recording;
}

void RecordingWriter::drain(Writing& file) {
    auto& recording = *file.recording;
    auto const ended = recording.ended_.load(std::memory_order_acquire);   // before the ring: what was pushed earlier is in it
    for (PcmBlock block; recording.ring_.pop(block);) file.append(block);
    if (recording.overflowed_.load(std::memory_order_acquire)) file.cut_short({Errc::unavailable, "recording: the disk did not keep up"});
    file.patch_when_due(patch_every_, free_bytes_min_);
    if (!ended && !file.is_cut_short()) return;
    file.done = true;
    file.closed(file.close());
}

}  // namespace boni::media
