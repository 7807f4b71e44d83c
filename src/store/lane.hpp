// A bounded queue of database jobs and the one thread that takes them, all that are queued at a time.
//
// Thread: `push` on any, the jobs on the lane's own. Owner: Database.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "store/session.hpp"

namespace boni::store {

/// One job and who waits for it.
class Job {
  public:
    virtual ~Job() = default;
    /// Does the work and keeps its result. false: what it did must be rolled back.
    virtual bool run(Session& session) = 0;
    /// Tells who waits, from the lane's thread. `lost`: the transaction around it did not commit, whatever `run` returned.
    virtual void done(Error const* lost) = 0;
};
using Jobs = std::vector<std::unique_ptr<Job>>;

/// What nobody waits for may wait for company; whoever is in a hurry takes it along.
enum class Hurry { now, soon };

class Lane {
  public:
    /// So many jobs wait at most: a second's worth of a busy node. More means that the disk does not keep up.
    static constexpr std::size_t queued_max = 10'000;
    /// So many share a transaction: bounds how long the first of them waits for the last.
    static constexpr std::size_t batch_max = 256;
    /// So long a job without hurry waits at most (events-and-webhooks 6).
    static constexpr auto linger_max = std::chrono::milliseconds{10};

    /// `thread`: its name, at most 15 bytes.
    Lane(char const* thread, std::unique_ptr<Session> session, std::chrono::milliseconds window, std::function<void(Session&, Jobs&)> serve);
    ~Lane();                                             ///< serves what is queued, then joins
    Lane(Lane const&) = delete;

    /// Empty when it was taken; the job comes back when the queue is full or closing.
    std::unique_ptr<Job> push(std::unique_ptr<Job> job, Hurry hurry = Hurry::now);

  private:
    struct Queued {
        std::unique_ptr<Job> job;
        Hurry hurry;
        std::chrono::steady_clock::time_point latest;    ///< served by then, without hurry
    };

    void loop();
    Jobs next();
    bool urgent() const { return hurried_ > 0 || closing_ || queue_.size() >= batch_max; }

    std::unique_ptr<Session> session_;                   // the thread's
    std::chrono::milliseconds const window_;
    std::function<void(Session&, Jobs&)> const serve_;
    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<Queued> queue_;                           // guarded by mutex_
    std::size_t hurried_ = 0;                            // of them; guarded by mutex_
    bool awake_ = true;                                  // looks at the queue within `linger_max`; guarded by mutex_
    bool closing_ = false;                               // guarded by mutex_
    std::thread thread_;                                 // last: it starts when all else is there
};

}  // namespace boni::store
