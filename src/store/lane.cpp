#include "store/lane.hpp"

namespace boni::store {

Lane::Lane(std::unique_ptr<Session> session, std::chrono::milliseconds window, std::function<void(Session&, Jobs&)> serve)
    : session_{std::move(session)}, window_{window}, serve_{std::move(serve)}, thread_{[this] { loop(); }} {}

Lane::~Lane() {
    {
        std::lock_guard const lock{mutex_};
        closing_ = true;
    }
    more_.notify_one();
    thread_.join();
}

std::unique_ptr<Job> Lane::push(std::unique_ptr<Job> job) {
    {
        std::lock_guard const lock{mutex_};
        if (closing_ || queue_.size() >= queued_max) return job;
        queue_.push_back(std::move(job));
    }
    more_.notify_one();
    return nullptr;
}

void Lane::loop() {
    for (auto jobs = next(); !jobs.empty(); jobs = next()) {
        serve_(*session_, jobs);
        jobs.clear();                                // before waiting: a job keeps its caller's loop running
    }
}

/// Whatever came while the last batch was written; with a window, a little more. Empty: closing and nothing left.
Jobs Lane::next() {
    std::unique_lock lock{mutex_};
    more_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (window_ > 0ms && !closing_) more_.wait_for(lock, window_, [this] { return closing_ || queue_.size() >= batch_max; });
    Jobs jobs;
    while (!queue_.empty() && jobs.size() < batch_max) {
        jobs.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return jobs;
}

}  // namespace boni::store
