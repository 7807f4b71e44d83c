#include "sip/thread.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <memory>

#include "sip/noise.hpp"
#include "sip/re.hpp"

namespace boni::sip {
namespace {

constexpr rlim_t descriptors_min = 1024;
constexpr rlim_t descriptors_max = 65536;   // libre keeps a table entry per possible descriptor: 3 MB

std::once_flag libre_once;

/// libre refuses descriptors beyond the table it makes at first use.
int descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return int(descriptors_min);
    return int(std::clamp(limit.rlim_cur, descriptors_min, descriptors_max));
}

}  // namespace

Result<> Thread::start(std::function<Result<>()> open) {
    ENSURE(!thread_.joinable());
    std::call_once(libre_once, [] {
        tame_libre();
        ENSURE(libre_init() == 0);
    });
    Result<> opened;
    std::atomic<bool> ready = false;
    thread_ = std::thread{[&, this] { loop(open, opened, ready); }};
    ready.wait(false);
    if (!opened) stop({});
    return opened;
}

void Thread::loop(std::function<Result<>()> const& open, Result<>& opened, std::atomic<bool>& ready) {
    pthread_setname_np(pthread_self(), "sip");
    auto tell = [&](Result<> result) {
        opened = std::move(result);
        ready = true;
        ready.notify_one();   // the references of this function are not touched after it
    };
    if (re_thread_init() != 0) return tell(fail(Errc::unavailable, "the SIP loop cannot be set up"));
    if (fd_setsize(descriptors()) != 0 || fd_listen(wake_.get(), FD_READ, readable, this) != 0) {
        re_thread_close();
        return tell(fail(Errc::unavailable, "the SIP loop cannot be set up"));
    }
    if (auto result = open(); !result) {
        fd_close(wake_.get());
        re_thread_close();
        return tell(std::move(result));
    }
    {
        std::lock_guard const lock{mutex_};
        open_ = true;
    }
    running_ = true;
    tell({});
    re_main(nullptr);
    running_ = false;
    fd_close(wake_.get());
    re_thread_close();
}

void Thread::post(Work work) {
    std::lock_guard const lock{mutex_};
    if (!open_) return;
    inbox_.push_back(std::move(work));
    if (inbox_.size() > 1) return;   // the loop is awake already
    wake_.signal();
}

bool Thread::run(Work work) {
    // Shared: when the loop ends first, the work is destroyed without being run and the promise breaks.
    auto done = std::make_shared<std::promise<void>>();
    auto finished = done->get_future();
    post([work = std::move(work), done = std::move(done)] {
        work();
        done->set_value();
    });
    try {
        finished.get();
        return true;
    } catch (std::future_error const&) {
        return false;
    }
}

void Thread::stop(Work close) {
    if (thread_.joinable()) {
        post([this, close = std::move(close)] {
            if (close) close();
            std::lock_guard const lock{mutex_};
            open_ = false;
            closing_ = true;
            re_cancel();
        });
        thread_.join();
    }
    std::vector<Work> dropped;   // destroyed outside the lock
    {
        std::lock_guard const lock{mutex_};
        dropped.swap(inbox_);
    }
}

void Thread::readable(int, void* self) { static_cast<Thread*>(self)->drain(); }

void Thread::drain() {
    wake_.drain();
    std::vector<Work> work;
    {
        std::lock_guard const lock{mutex_};
        work.swap(inbox_);
    }
    for (auto& one : work) {
        if (closing_) return;   // what was posted behind `stop` has nothing left to work on
        one();
    }
}

}  // namespace boni::sip
