#include "store/lane.hpp"

#include <pthread.h>

namespace boni::store {

Lane::Lane(char const* thread, std::unique_ptr<Session> session, std::chrono::milliseconds window, std::function<void(Session&, Jobs&)> serve)
    : session_{std::move(session)}, window_{window}, serve_{std::move(serve)}, thread_{[this] { loop(); }} {
    pthread_setname_np(thread_.native_handle(), thread);
}

Lane::~Lane() {
    {
        std::lock_guard const lock{mutex_};
        closing_ = true;
    }
    more_.notify_one();
    thread_.join();
}

std::unique_ptr<Job> Lane::push(std::unique_ptr<Job> job, Hurry hurry) {
    auto wake = false;
    {
        std::lock_guard const lock{mutex_};
        if (closing_ || queue_.size() >= queued_max) return job;
        wake = (queue_.empty() && !awake_) || hurry == Hurry::now || queue_.size() + 1 == batch_max;
        queue_.push_back({std::move(job), hurry, std::chrono::steady_clock::now() + linger_max});
        hurried_ += hurry == Hurry::now ? 1 : 0;
    }
    if (wake) more_.notify_one();
    return nullptr;
}

void Lane::loop() {
    for (auto jobs = next(); !jobs.empty(); jobs = next()) {
        serve_(*session_, jobs);
        jobs.clear();                                // before waiting: a job keeps its caller's loop running
    }
}

/// Whatever came while the last batch was written; with a window, a little more. In the order of its coming, hurried or not.
/// Empty: closing and nothing left. On a busy node the next hurried job is near: until it comes, the others wake nobody.
Jobs Lane::next() {
    std::unique_lock lock{mutex_};
    if (queue_.empty()) more_.wait_for(lock, linger_max, [this] { return urgent(); });
    awake_ = false;
    more_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    awake_ = true;
    if (!queue_.empty()) more_.wait_until(lock, queue_.front().latest, [this] { return urgent(); });
    if (window_ > 0ms && !closing_) more_.wait_for(lock, window_, [this] { return closing_ || queue_.size() >= batch_max; });
    Jobs jobs;
    while (!queue_.empty() && jobs.size() < batch_max) {
        jobs.push_back(std::move(queue_.front().job));
        hurried_ -= queue_.front().hurry == Hurry::now ? 1 : 0;
        queue_.pop_front();
    }
    return jobs;
}

}  // namespace boni::store
