// Two threads over one SQLite file: a writer with group commit and a reader. Callers await and resume on their executor. The few rows
// behind one key are read on the control thread itself.
//
// Writer: takes every queued job, runs each in a SAVEPOINT inside one BEGIN IMMEDIATE .. COMMIT, and completes all of them after the
// COMMIT, so that one fsync serves many. A job whose Result is an error, or that throws, is rolled back alone. Jobs run in the order
// in which they were asked for. Queues are bounded; a full one refuses with Errc::unavailable.
#pragma once

#include "base/task.hpp"
#include "store/file_lock.hpp"
#include "store/lane.hpp"
#include "store/nouns.hpp"
#include "store/store.hpp"

namespace boni::store {

/// What everybody may read of it; what SQLite said, with names of tables and columns, goes to the log.
Error plain(DatabaseError const& error, std::string_view what);

/// Runs `work` and turns what SQLite throws into an Error. Errc::conflict "constraint" when an index or a guard refused.
template <class Work>
auto run_work(Work& work, Session& session) -> std::invoke_result_t<Work&, Session&> {
    try {
        return work(session);
    } catch (DatabaseError const& error) {
        return std::unexpected(plain(error, error.constraint ? "the database refused this" : "the database failed"));
    } catch (std::exception const& error) {
        return fail(Errc::internal, error.what());
    }
}

/// A job somebody awaits.
class AwaitedJob : public Job {
  public:
    void done(Error const* lost) final {
        if (lost) refuse(*lost);
        std::exchange(tell_, nullptr)();
    }
    /// `tell`: posts to whoever waits; called once.
    void on_done(std::function<void()> tell) { tell_ = std::move(tell); }

  private:
    virtual void refuse(Error const& why) = 0;
    std::function<void()> tell_;
};

/// Puts the job into the lane before the first suspension and waits until it is done; false when a `cancellable` wait was cancelled:
/// the job runs all the same. Compiled once for all questions.
Task<bool> done(Lane& lane, std::unique_ptr<AwaitedJob> job, bool cancellable, Hurry hurry);

/// The answer outlives the job for a caller that still waits, and the caller for a job that still runs.
template <class Work>
class Question final : public AwaitedJob {
  public:
    using Answer = std::invoke_result_t<Work&, Session&>;
    Question(Work work, std::shared_ptr<Answer> answer) : work_{std::move(work)}, answer_{std::move(answer)} {}
    bool run(Session& session) override {
        *answer_ = run_work(work_, session);
        return answer_->has_value();
    }

  private:
    void refuse(Error const& why) override { *answer_ = std::unexpected(why); }
    Work work_;
    std::shared_ptr<Answer> answer_;
};

void log_lost(std::string_view what, std::string_view why);

/// A job nobody awaits; what went wrong is logged under `what`.
template <class Work>
class Unwatched final : public Job {
  public:
    Unwatched(std::string what, Work work) : what_{std::move(what)}, work_{std::move(work)} {}
    bool run(Session& session) override {
        auto const answer = run_work(work_, session);
        if (!answer) log_lost(what_, answer.error().what);
        return answer.has_value();
    }
    void done(Error const* lost) override {
        if (lost) log_lost(what_, lost->what);
    }

  private:
    std::string what_;
    Work work_;
};

/// Thread: control. Owner: Store.
class Store::Database {
  public:
    static Result<std::unique_ptr<Database>> open(StoreConfig config, asio::any_io_executor control);
    Database(FileLock lock, std::unique_ptr<Session> writer, std::unique_ptr<Session> reader, std::unique_ptr<Session> near,
             StoreConfig config, asio::any_io_executor control);
    ~Database();                                     ///< runs what is queued, then joins

    /// `work` is Result<T>(Session&), run once on the writer's thread. The job is queued before the first suspension. It is not
    /// cancellable: who left earlier would not know whether it happened.
    template <class Work>
    auto write(Work work) -> Task<std::invoke_result_t<Work&, Session&>> {
        return ask(writer_, std::move(work), false);
    }
    /// The same for what no call and no customer waits for: it shares the transaction of a job in a hurry, or goes within 10 ms.
    template <class Work>
    auto write_soon(Work work) -> Task<std::invoke_result_t<Work&, Session&>> {
        return ask(writer_, std::move(work), false, Hurry::soon);
    }
    /// The same in a read transaction of its own, which sees every write completed before. Cancelling gives up waiting.
    template <class Work>
    auto read(Work work) -> Task<std::invoke_result_t<Work&, Session&>> {
        return ask(reader_, std::move(work), true);
    }
    /// One statement at once, on the caller's thread: for the row behind a key. What an INVITE and most requests wait for takes less
    /// time than a thread takes to wake; a log that is being written keeps nobody from reading (WAL).
    template <class Work>
    auto look(Work work) -> Task<std::invoke_result_t<Work&, Session&>> {
        co_return run_work(work, *near_);
    }
    /// The same for a few statements that must agree with each other.
    template <class Work>
    auto look_together(Work work) -> Task<std::invoke_result_t<Work&, Session&>> {
        std::invoke_result_t<Work&, Session&> answer = fail(Errc::internal, "nothing was read");
        auto const lost = read_one(*near_, [&](Session& session) { answer = run_work(work, session); });
        if (lost) answer = std::unexpected(*lost);
        co_return answer;
    }
    template <class Work>
    void post_write(std::string what, Work work) {
        if (writer_.push(std::make_unique<Unwatched<Work>>(what, std::move(work)), Hurry::soon)) log_lost(what, "the database's queue is full");
    }
    void on_deliveries(std::function<void()> wake) { *wake_ = std::move(wake); }
    std::filesystem::path const& file() const { return file_; }

  private:
    template <class Work>
    static auto ask(Lane& lane, Work work, bool cancellable, Hurry hurry = Hurry::now) -> Task<std::invoke_result_t<Work&, Session&>> {
        using Answer = std::invoke_result_t<Work&, Session&>;
        auto const answer = std::make_shared<Answer>(fail(Errc::internal, "the job was not run"));
        if (co_await done(lane, std::make_unique<Question<Work>>(std::move(work), answer), cancellable, hurry)) co_return std::move(*answer);
        co_return fail(Errc::timeout, "the database did not answer in time");
    }
    void commit_all(Session& session, Jobs& jobs);
    void read_all(Session& session, Jobs& jobs);
    /// In a transaction of its own; what went wrong with it.
    static std::optional<Error> read_one(Session& session, std::function<void(Session&)> const& work);

    FileLock lock_;                                  // first: given back when nothing writes any more
    std::filesystem::path file_;
    asio::any_io_executor control_;
    std::shared_ptr<std::function<void()>> wake_;    // shared with the posts on their way to the control thread
    std::unique_ptr<Session> near_;                  // of the control thread
    Lane reader_;
    Lane writer_;                                    // last: its remaining jobs are written while the reader still answers
};

}  // namespace boni::store
