#include <fcntl.h>
#include <sys/wait.h>

#include "store/database.hpp"
#include "store/migrations.hpp"
#include "store/room.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;
using model::CallStatus;

namespace {

using test::start;

/// In the child: commits one event after the other and writes a byte to `told` for each that was reported as done.
[[noreturn]] void commit_until_killed(std::filesystem::path file, CallId call_id, int told) {
    asio::io_context io;
    auto store = store::Store::open({std::move(file)}, io.get_executor());
    if (!store) _exit(1);
    asio::co_spawn(io, [](store::Store& db, CallId id, int fd) -> Task<> {
        auto call = test::call_row(test::tenant_row("demo", start), start);
        call.id = id;
        for (;;) {
            if (!co_await db.commit(test::step(call, CallStatus::answered, "call.ringing", start))) _exit(2);
            if (::write(fd, "x", 1) != 1) _exit(3);
        }
    }(**store, call_id, told), asio::detached);
    io.run();
    _exit(4);
}

}  // namespace

TEST_CASE("what was reported as committed survives kill -9") {
    test::TempFolder folder;
    auto const id = CallId::fresh(start);
    int told[2];
    REQUIRE(::pipe(told) == 0);
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) commit_until_killed(folder.path / "boni.db", id, told[1]);
    ::close(told[1]);
    std::int64_t reported = 0;
    char byte{};
    while (reported < 40 && ::read(told[0], &byte, 1) == 1) ++reported;
    REQUIRE(reported == 40);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(told[0], &byte, 1) == 1) ++reported;
    ::close(told[0]);

    asio::io_context io;
    auto session = store::Session{folder.path / "boni.db", store::Session::Mode::writer};
    CHECK(session.one<std::string>("PRAGMA integrity_check") == "ok");
    auto const events = session.one<std::int64_t>("SELECT COUNT(*) FROM events").value_or(0);
    CHECK(events >= reported);
    CHECK(events <= reported + 1);                       // the one that was committed and not yet reported
    CHECK(session.one<std::int64_t>("SELECT MAX(sequence) FROM events") == events);
    CHECK(session.one<std::int64_t>("SELECT event_sequence FROM calls") == events);
}

TEST_CASE("commits asked for together share transactions and keep their order") {
    test::TempStore db;
    constexpr int calls = 200;
    int done = 0;
    std::vector<int> order;
    auto one = [](store::Store& store, int number, int& done, std::vector<int>& order) -> Task<> {
        auto call = test::call_row(test::tenant_row("demo", start), start);
        for (auto const status : {CallStatus::ringing, CallStatus::answered, CallStatus::completed}) {
            auto const type = status == CallStatus::completed ? "call.completed" : "call.ringing";
            auto const result = co_await store.commit(test::step(call, status, type, start));
            CHECK(result);
            if (status == CallStatus::ringing) order.push_back(number);
        }
        ++done;
    };
    for (int i = 0; i < calls; ++i) asio::co_spawn(db.io, one(*db.store, i, done, order), asio::detached);
    db.io.restart();
    db.io.run();
    CHECK(done == calls);
    CHECK(std::ranges::is_sorted(order));
    store::Session session{db.folder.path / "boni.db", store::Session::Mode::reader};
    CHECK(session.one<std::int64_t>("SELECT COUNT(*) FROM events") == 3 * calls);
    CHECK(session.one<std::int64_t>("SELECT COUNT(*) FROM calls WHERE status = 'completed'") == calls);
}

TEST_CASE("one bad commit takes only itself back, and a write nobody waits for keeps its place") {
    test::TempStore db;
    auto good = test::call_row(test::tenant_row("demo", start), start);
    auto bad = good;
    auto first = test::step(good, CallStatus::ringing, "call.ringing", start);
    db->write({.timeline_of = good.id, .rows = {{start, "note.before", {}}}});
    db.ok(db->commit(first));
    auto repeated = first;                               // same event id and sequence
    repeated.rows[0].event = "never";
    store::Commit last{.timeline_of = good.id, .rows = {{start, "note.after", {}}}};
    std::vector<bool> results;
    auto ask = [](store::Store& store, store::Commit commit, std::vector<bool>& results) -> Task<> {
        auto const result = co_await store.commit(std::move(commit));
        results.push_back(result.has_value());
    };
    asio::co_spawn(db.io, ask(*db.store, repeated, results), asio::detached);
    asio::co_spawn(db.io, ask(*db.store, last, results), asio::detached);
    db.io.restart();
    db.io.run();
    CHECK(results == std::vector{false, true});
    auto const rows = db.ok(db->timeline(good.id));
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].event == "note.before");
    CHECK(rows[1].event == "call.ringing");
    CHECK(rows[2].event == "note.after");
}

TEST_CASE("closing writes what is queued") {
    test::TempStore db;
    auto const id = CallId::fresh(start);
    for (int i = 0; i < 500; ++i) db->write({.timeline_of = id, .rows = {{start, "note", {{"n", i}}}}});
    db.reopen();
    CHECK(db.ok(db->timeline(id)).size() == 500);
}

TEST_CASE("a full queue refuses instead of growing") {
    test::TempStore db;
    store::Session blocker{db.folder.path / "boni.db", store::Session::Mode::writer};
    blocker.run("BEGIN IMMEDIATE");                      // the writer waits for the lock meanwhile
    auto const id = CallId::fresh(start);
    for (std::size_t i = 0; i < 10'300; ++i) db->write({.timeline_of = id, .rows = {{start, "note", {}}}});
    store::Commit one{.timeline_of = id, .rows = {{start, "late", {}}}};
    CHECK(db.token(db->commit(one)) == "unavailable");
    blocker.run("ROLLBACK");
    auto const deadline = std::chrono::steady_clock::now() + 10s;
    while (!db.run(db->check()) && std::chrono::steady_clock::now() < deadline) {}
    db.ok(db->commit(one));                              // room again once the disk is back
}

TEST_CASE("the file is its owner's alone") {
    test::TempStore db;
    db.ok(db->check());
    namespace fs = std::filesystem;
    for (auto const* const name : {"boni.db", "boni.db-wal"})
        CHECK((fs::status(db.folder.path / name).permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
}

TEST_CASE("a check of the database writes, as only that finds a full disk") {
    test::TempStore db;
    store::Session other{db.folder.path / "boni.db", store::Session::Mode::reader};
    auto const version = [&] { return other.one<int>("PRAGMA data_version"); };   // of what other connections have written
    for (auto round = 0; round < 3; ++round) {
        auto const before = version();
        db.ok(db->check());
        CHECK(version() != before);
    }
}

TEST_CASE("what SQLite says stays with us") {
    test::TempStore db;
    store::Session session{db.folder.path / "boni.db", store::Session::Mode::reader};
    for (auto const constraint : {false, true}) {
        auto const work = [&](store::Session&) -> Result<> { throw store::DatabaseError{"disk I/O error in secret_table", constraint}; };
        auto const failed = store::run_work(work, session);
        REQUIRE_FALSE(failed);
        CHECK(failed.error().what.find("secret") == std::string::npos);
        CHECK(failed.error().code == (constraint ? Errc::conflict : Errc::unavailable));
        CHECK(failed.error().token == (constraint ? "constraint" : ""));
    }
}

TEST_CASE("what SQLite says of a statement has no value of it") {
    test::TempStore db;
    db.store.reset();
    store::Session session{db.folder.path / "boni.db", store::Session::Mode::writer};
    auto const add = [&] { session.run("INSERT INTO ladders (call_id, messages_json) VALUES (:call, :messages)", std::string{"call_1"}, std::string{"+919876543210"}); };
    add();
    try {
        add();
        FAIL("it was there already");
    } catch (store::DatabaseError const& error) {
        std::string const said = error.what();
        CHECK(error.constraint);
        CHECK(said.contains("UNIQUE constraint failed: ladders.call_id"));
        CHECK(said.contains("INSERT INTO ladders"));
        CHECK_FALSE(said.contains("+919876543210"));
    }
}

TEST_CASE("a newer schema is refused, a damaged path named") {
    test::TempStore db;
    db.store.reset();
    {
        store::Session session{db.folder.path / "boni.db", store::Session::Mode::writer};
        session.run("INSERT INTO schema_version (version, applied_at) VALUES (:v, 0)", store::schema_version() + 1);
    }
    auto const newer = store::Store::open({db.folder.path / "boni.db"}, db.io.get_executor());
    REQUIRE(!newer);
    CHECK(newer.error().code == Errc::unavailable);
    CHECK(newer.error().what.find("newer binary") != std::string::npos);
    auto const missing = store::Store::open({db.folder.path / "none" / "boni.db"}, db.io.get_executor());
    REQUIRE(!missing);
    CHECK(missing.error().code == Errc::unavailable);
}

TEST_CASE("a second process keeps its hands off a database that is in use") {
    test::TempStore db;
    auto call = test::call_row(test::tenant_row("acme", system_clock().now()), system_clock().now());
    db.ok(db->commit({.call = call}));
    auto const second = store::Store::open({db.folder.path / "boni.db"}, db.io.get_executor());
    REQUIRE(!second);
    CHECK(second.error().code == Errc::conflict);
    CHECK(second.error().what.find("used by another boni (process " + std::to_string(::getpid()) + ")") != std::string::npos);
    db.reopen();                                             // free again once the first is gone
    CHECK(db.ok(db->close_lost_calls(system_clock().now())).size() == 1);
}

TEST_CASE("a read that is not waited for ends its wait at once") {
    test::TempStore db;
    db.ok(db->create_tenant(test::tenant_row("demo", start)));
    auto const in_time = db.run(within(10s, db->tenant_by_key("demo")));
    CHECK(in_time);
    auto const late = db.run(within(0s, db->tenant_by_key("demo")));
    CHECK((late || late.error().code == Errc::timeout));
}

TEST_CASE("a disk without room is not ready, although small writes still find their place") {
    test::TempFolder folder;
    CHECK(store::has_room(folder.path, 1));
    CHECK(store::has_room(folder.path / "none", std::numeric_limits<std::uintmax_t>::max()));   // cannot be asked
    CHECK(store::has_room(folder.path, std::numeric_limits<std::uintmax_t>::max()).error().what == "the disk of the database is full");
}

TEST_CASE("a database that we may not open says why") {
    test::TempFolder folder;
    asio::io_context io;
    std::filesystem::create_directory(folder.path / "boni.db");
    auto const opened = store::Store::open({.file = folder.path / "boni.db"}, io.get_executor());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().what.contains("Is a directory"));
}
