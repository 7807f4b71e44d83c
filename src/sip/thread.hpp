// The SIP thread: libre's loop, and the door through which other threads hand it work at once (an eventfd in the same epoll).
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/event_fd.hpp"
#include "base/result.hpp"

namespace boni::sip {

class Thread {
  public:
    using Work = std::function<void()>;

    Thread() = default;            ///< throws std::system_error when the process has no descriptor left
    ~Thread() { stop({}); }
    Thread(Thread const&) = delete;

    /// Starts the loop and runs `open` on it first; its error is returned and the thread has ended again.
    Result<> start(std::function<Result<>()> open);
    /// Any thread. In order; wakes the loop at once. After `stop` the work is dropped. Unbounded by intention: what is posted are
    /// commands of live calls, whose number is bounded, and dropping one would leave a call hanging.
    void post(Work work);
    /// Runs `work` on the loop and waits for it; false, without running it, when the loop has ended. Not from the SIP thread.
    bool run(Work work);
    /// Runs `close` as the last thing on the loop and joins. Idempotent; not from the SIP thread.
    void stop(Work close);
    bool running() const { return running_; }

  private:
    static void readable(int flags, void* self);
    void loop(std::function<Result<>()> const& open, Result<>& opened, std::atomic<bool>& ready);
    void drain();

    std::thread thread_;
    EventFd const wake_;
    std::atomic<bool> running_ = false;
    bool closing_ = false;          // SIP thread only
    std::mutex mutex_;              // guards the two below
    std::vector<Work> inbox_;
    bool open_ = false;
};

}  // namespace boni::sip
