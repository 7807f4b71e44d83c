#include "store/database.hpp"

#include <array>
#include <atomic>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "store/migrations.hpp"

namespace boni::store {

namespace {

prometheus::Histogram& seconds(std::string const& op) {
    return metrics::histogram("boni_db_seconds", "Time of a group commit, or of a read", {.0005, .001, .002, .005, .01, .02, .05, .1, .25, 1, 5},
                              {{"op", op}});
}

struct Timed {
    prometheus::Histogram& histogram;
    Steady start = std::chrono::steady_clock::now();
    ~Timed() { histogram.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()); }
};

void roll_back(Session& session) {
    try {
        session.run("ROLLBACK");
    } catch (DatabaseError const&) {
        // SQLite has done it already: a full disk ends the transaction by itself.
    }
}

/// Those that fail take back only themselves.
void run_each(Session& session, Jobs& jobs) {
    for (auto& job : jobs) {
        session.run("SAVEPOINT job");
        if (!job->run(session)) session.run("ROLLBACK TO job");
        session.run("RELEASE job");
    }
}

/// The file holds what customers say to each other: nobody else on the machine reads it. SQLite gives -wal and -shm its mode.
Result<> create_private(std::filesystem::path const& file) {
    if (file.empty()) return {};                     // SQLite's own, in memory
    Fd const made{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!made) return fail(Errc::unavailable, "database " + file.string() + ": " + std::generic_category().message(errno));
    return {};
}

/// A commit that grows the log waits for the file system's journal as well, two to four times as long: the log has its full length at
/// once. SQLite reads no further than the frames it knows, and zeros are none. Without the space commits are only slower.
void reserve_log(std::filesystem::path file) {
    constexpr std::size_t frame_header = 24, last_commit = 1024 * 1024;   // the commit that reaches the limit still goes in
    constexpr std::size_t whole = std::size_t{log_pages} * (page_bytes + frame_header) + last_commit;
    static constexpr std::array<char, 1024 * 1024> zeros{};
    file += "-wal";
    Fd const log{::open(file.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!log) return;
    auto written = ssize_t{1};
    for (auto at = ::lseek(log.get(), 0, SEEK_END); written > 0 && at < off_t{whole}; at += written)
        written = ::pwrite(log.get(), zeros.data(), std::min(zeros.size(), whole - std::size_t(at)), at);
    ::fsync(log.get());
}

}  // namespace

Error plain(DatabaseError const& error, std::string_view what) {
    log(error.constraint ? Level::info : Level::error, "store", std::string{what} + ": " + error.what());
    if (error.constraint) return {.code = Errc::conflict, .what = std::string{what}, .token = "constraint"};
    return {.code = Errc::unavailable, .what = std::string{what}};
}

/// One line per second says it; a full queue loses thousands.
void log_lost(std::string_view what, std::string_view why) {
    static std::atomic<long long> last_second{0};
    static std::atomic<long long> unsaid{0};
    auto const second = unix_seconds(system_clock().now());
    if (last_second.exchange(second) == second) {
        ++unsaid;
        return;
    }
    log_error("store", "a write nobody waits for was lost",
              {{"what", std::string{what}}, {"why", std::string{why}}, {"more_before", std::to_string(unsaid.exchange(0))}});
}

namespace {

/// Touched on the caller's executor only, where its handler came from.
template <class Handler>
struct Waiter {
    Handler handler;
    bool told = false;
    void tell(bool in_time) {
        if (std::exchange(told, true)) return;
        asio::get_associated_cancellation_slot(handler).clear();
        std::move(handler)(in_time);
    }
};

}  // namespace

Task<bool> done(Lane& lane, std::unique_ptr<AwaitedJob> job, bool cancellable, Hurry hurry) {
    auto const home = co_await asio::this_coro::executor;
    co_return co_await asio::async_initiate<asio::use_awaitable_t<> const, void(bool)>(
        [&](auto handler) {
            auto waiter = std::make_shared<Waiter<decltype(handler)>>(std::move(handler));
            auto slot = asio::get_associated_cancellation_slot(waiter->handler);
            if (cancellable && slot.is_connected())
                slot.assign([home, weak = std::weak_ptr{waiter}](asio::cancellation_type) {
                    auto const held = weak.lock();   // posted: the emitting operation may own what the handler frees
                    if (held) asio::post(home, [held] { held->tell(false); });
                });
            // The guard keeps the caller's loop running while it waits.
            job->on_done([waiter = std::move(waiter), guard = asio::make_work_guard(home)]() mutable {
                asio::post(guard.get_executor(), [waiter = std::move(waiter)] { waiter->tell(true); });
            });
            if (auto refused = lane.push(std::move(job), hurry)) {
                Error const full{Errc::unavailable, "the database's queue is full"};
                refused->done(&full);
            }
        },
        asio::use_awaitable);
}

Result<std::unique_ptr<Store::Database>> Store::Database::open(StoreConfig config, asio::any_io_executor control) {
    try {
        TRY(auto lock, FileLock::take(config.file));
        CHECK_OK(create_private(config.file));       // SQLite would not say why
        auto writer = std::make_unique<Session>(config.file, Session::Mode::writer);
        if (auto migrated = migrate(*writer, config.file); !migrated) return std::unexpected(migrated.error());
        reserve_log(config.file);
        auto reader = std::make_unique<Session>(config.file, Session::Mode::reader);
        auto near = std::make_unique<Session>(config.file, Session::Mode::reader);
        return std::make_unique<Database>(std::move(lock), std::move(writer), std::move(reader), std::move(near), std::move(config),
                                          std::move(control));
    } catch (std::exception const& error) {
        return fail(Errc::unavailable, "database " + config.file.string() + ": " + error.what());
    }
}

Store::Database::Database(FileLock lock, std::unique_ptr<Session> writer, std::unique_ptr<Session> reader, std::unique_ptr<Session> near,
                          StoreConfig config, asio::any_io_executor control)
    : lock_{std::move(lock)},
      file_{std::move(config.file)},
      control_{std::move(control)},
      wake_{std::make_shared<std::function<void()>>()},
      near_{std::move(near)},
      reader_{"store-read", std::move(reader), 0ms, [this](Session& session, Jobs& jobs) { read_all(session, jobs); }},
      writer_{"store-write", std::move(writer), config.commit_window, [this](Session& session, Jobs& jobs) { commit_all(session, jobs); }} {}

Store::Database::~Database() { *wake_ = nullptr; }

/// One transaction, one fsync. A job that fails takes only itself back.
void Store::Database::commit_all(Session& session, Jobs& jobs) {
    static auto& histogram = seconds("commit");
    std::optional<Error> lost;
    session.deliveries_changed = false;
    try {
        Timed const timed{histogram};
        session.run("BEGIN IMMEDIATE");
        auto const alone = jobs.size() == 1;         // needs no savepoint: the transaction is its own
        if (!alone) run_each(session, jobs);
        session.run(!alone || jobs.front()->run(session) ? "COMMIT" : "ROLLBACK");
    } catch (DatabaseError const& error) {
        lost = Error{Errc::unavailable, "the database cannot be written"};
        roll_back(session);
        log_error("store", lost->what + ": " + error.what());
    }
    for (auto& job : jobs) job->done(lost ? &*lost : nullptr);
    if (lost || !session.deliveries_changed) return;
    asio::post(control_, [wake = wake_] { if (*wake) (*wake)(); });
}

void Store::Database::read_all(Session& session, Jobs& jobs) {
    for (auto& job : jobs) {
        auto const lost = read_one(session, [&](Session& own) { job->run(own); });
        job->done(lost ? &*lost : nullptr);
    }
}

std::optional<Error> Store::Database::read_one(Session& session, std::function<void(Session&)> const& work) {
    static auto& histogram = seconds("read");
    try {
        Timed const timed{histogram};
        session.run("BEGIN");
        work(session);
        session.run("COMMIT");
        return std::nullopt;
    } catch (DatabaseError const& error) {
        roll_back(session);
        log_error("store", std::string{"the database cannot be read: "} + error.what());
        return Error{Errc::unavailable, "the database cannot be read"};
    }
}

}  // namespace boni::store
