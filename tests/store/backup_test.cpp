#include "store/backup.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "store/migrations.hpp"
#include "support/temp_store.hpp"

using namespace boni;
namespace fs = std::filesystem;

TEST_CASE("a backup of an open database is whole, private, and names the recordings that belong to it") {
    test::TempStore db;
    auto const now = system_clock().now();
    auto const tenant = test::tenant_row("acme", now);
    db.ok(db->create_tenant(tenant));
    auto const database = db.folder.path / "boni.db", copy = db.folder.path / "copy.db";
    {
        store::Session session{database, store::Session::Mode::writer};
        for (std::string const id : {"rec_1", "rec_2", "rec_3", "rec_4"})   // the second was removed, the last one still runs
            session.run("INSERT INTO recordings (id, tenant_id, call_id, action_id, milliseconds, channels, bytes, file, created_at, finished_at, removed_at) "
                        "VALUES (:id, :tenant, 'call_1', '', 1000, 1, 16044, :file, 1, :finished, :removed)",
                        id, tenant.id, id + ".wav", id == "rec_4" ? std::nullopt : std::optional{now}, id == "rec_2" ? std::optional{now} : std::nullopt);
    }
    for (auto times = 0; times < 2; ++times) {                // the second replaces the first
        auto const recordings = store::back_up(database, copy);
        REQUIRE_MESSAGE(recordings, (recordings ? "" : recordings.error().what));
        REQUIRE(recordings->size() == 2);
        CHECK(recordings->at(0).file == "rec_1.wav");
        CHECK(recordings->at(1).file == "rec_3.wav");
    }
    CHECK((fs::status(copy).permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
    CHECK_FALSE(fs::exists(db.folder.path / "copy.db.part"));
    store::Session session{copy, store::Session::Mode::reader};
    CHECK(session.one<std::string>("SELECT key FROM tenants WHERE id = :id", tenant.id) == "acme");
    CHECK(session.one<int>("SELECT MAX(version) FROM schema_version") == store::schema_version());
}

TEST_CASE("a backup that cannot be made says why and leaves what was") {
    test::TempStore db;
    db.ok(db->check());
    auto const database = db.folder.path / "boni.db";
    CHECK(store::back_up(db.folder.path / "none.db", db.folder.path / "copy.db").error().code == Errc::not_found);
    CHECK_FALSE(fs::exists(db.folder.path / "none.db"));
    CHECK(store::back_up(database, database).error().code == Errc::invalid);
    auto const nowhere = store::back_up(database, db.folder.path / "none" / "copy.db");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().what.find("No such file") != std::string::npos);
    auto const key = db.folder.path / "master.key";
    std::ofstream{key} << "a key that is nowhere else";
    for (auto const& taken : {db.folder.path / "boni.db-wal", db.folder.path / "." / "boni.db-shm", db.folder.path / "boni.db-journal", key,
                              db.folder.path}) {
        CAPTURE(taken);
        auto const refused = store::back_up(database, taken);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::invalid);
    }
    CHECK(fs::file_size(key) == 26);
    std::ofstream{db.folder.path / "empty.db"};
    CHECK(store::back_up(database, db.folder.path / "empty.db"));
    db.ok(db->check());
}

TEST_CASE("what a database was is kept before it is migrated") {
    test::TempStore db;
    db.ok(db->create_tenant(test::tenant_row("acme", system_clock().now())));
    db.store.reset();
    auto const before = store::schema_version() - 1;
    {
        store::Session session{db.folder.path / "boni.db", store::Session::Mode::writer};
        session.run("DROP TABLE counted_days");
        for (std::string const index : {"recordings_kept", "recordings_removed"}) session.run("DROP INDEX " + index);
        session.run("DELETE FROM schema_version WHERE version > :before", before);
    }
    db.reopen();
    store::Session kept{db.folder.path / ("boni.db.schema-" + std::to_string(before)), store::Session::Mode::reader};
    CHECK(kept.one<int>("SELECT MAX(version) FROM schema_version") == before);
    CHECK(kept.one<std::string>("SELECT key FROM tenants") == "acme");
    db.reopen();                                             // nothing to migrate: no copy
    CHECK_FALSE(fs::exists(db.folder.path / ("boni.db.schema-" + std::to_string(store::schema_version()))));
}

TEST_CASE("the backup of a platform that still runs the version of before is whole, its recordings too") {
    test::TempStore db;
    db.ok(db->check());
    db.store.reset();
    auto const database = db.folder.path / "boni.db", copy = db.folder.path / "copy.db";
    store::Session session{database, store::Session::Mode::writer};
    for (std::string const index : {"recordings_unfinished", "recordings_kept"}) session.run("DROP INDEX " + index);
    for (std::string const column : {"endpoint_id", "finished_at"}) session.run("ALTER TABLE recordings DROP COLUMN " + column);
    session.run("DELETE FROM schema_version WHERE version > 12");
    session.run("INSERT INTO recordings (id, tenant_id, call_id, action_id, milliseconds, channels, bytes, file, created_at) "
                "VALUES ('rec_1', 'ten_1', 'call_1', '', 1000, 1, 16044, 'rec_1.wav', 1)");
    auto const recordings = store::back_up(database, copy);
    REQUIRE_MESSAGE(recordings, (recordings ? "" : recordings.error().what));
    REQUIRE(recordings->size() == 1);
    CHECK(recordings->at(0).file == "rec_1.wav");
    CHECK(recordings->at(0).bytes == 16044);
    session.run("INSERT INTO schema_version (version, applied_at) VALUES (99, 1)");
    fs::remove(copy);
    CHECK(store::back_up(database, copy).error().what.contains("use the newer binary"));
    CHECK_FALSE(fs::exists(copy));
}
