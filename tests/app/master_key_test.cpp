#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "app/master_key.hpp"
#include "app/private_file.hpp"
#include "base/crypto.hpp"
#include "store/session.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

mode_t mode_of(std::filesystem::path const& file) {
    struct ::stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a master key is made once, with mode 0600, and read again") {
    test::TempFolder folder;
    app::SecuritySettings settings;
    settings.master_key_file = folder.path / "master.key";
    auto const made = app::read_master_key(settings, folder.path / "boni.db");
    REQUIRE(made);
    CHECK(made->reveal().size() == 32);
    CHECK(mode_of(settings.master_key_file) == 0600);
    auto const again = app::read_master_key(settings, folder.path / "boni.db");
    REQUIRE(again);
    CHECK(again->reveal() == made->reveal());
}

TEST_CASE("a master key that cannot be made names its setting") {
    test::TempFolder folder;
    app::SecuritySettings settings;
    settings.master_key_file = folder.path / "none" / "master.key";
    auto const refused = app::read_master_key(settings, folder.path / "boni.db");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.starts_with("security.master_key_file: "));
    CHECK(refused.error().what.contains("No such file"));
}

TEST_CASE("a master key that others may read is refused") {
    test::TempFolder folder;
    app::SecuritySettings settings;
    settings.master_key_file = folder.path / "master.key";
    REQUIRE(app::read_master_key(settings, folder.path / "boni.db"));
    std::filesystem::permissions(settings.master_key_file, std::filesystem::perms{0640});
    auto const refused = app::read_master_key(settings, folder.path / "boni.db");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("chmod 600") != std::string::npos);
}

TEST_CASE("a master key of another length is refused, whether from file or setting") {
    test::TempFolder folder;
    app::SecuritySettings settings;
    settings.master_key_file = folder.path / "master.key";
    REQUIRE(app::write_private(settings.master_key_file, "c2hvcnQ=\n"));
    CHECK_FALSE(app::read_master_key(settings, folder.path / "boni.db"));
    settings.master_key = Secret{"c2hvcnQ="};
    auto const refused = app::read_master_key(settings, folder.path / "boni.db");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "security.master_key must be 32 bytes in base64");
}

TEST_CASE("a database without its master key is not given another one") {
    test::TempStore db;
    app::SecuritySettings settings;
    settings.master_key_file = db.folder.path / "master.key";
    auto const refused = app::read_master_key(settings, db.folder.path / "boni.db");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("put the key back") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(settings.master_key_file));
}

namespace {

/// A database with every kind of secret, and the key that opens them.
struct Sealed {
    Sealed() {
        settings.master_key_file = db.folder.path / "master.key";
        auto const key = app::read_master_key(settings, db.folder.path / "none.db");
        REQUIRE(key);
        auto const now = system_clock().now();
        auto tenant = test::tenant_row("acme", now);
        tenant.control_secret = seal(key->reveal(), "control", tenant.id.str());
        db.ok(db->create_tenant(tenant));
        auto endpoint = test::endpoint_row(tenant, "https://a.example/", {"call.completed"}, now);
        endpoint.secret = seal(key->reveal(), "now", endpoint.id.str());
        endpoint.previous_secret = seal(key->reveal(), "before", endpoint.id.str());
        db.ok(db->upsert_endpoint(endpoint, 10));
        model::Trunk trunk{.name = "carrier"};
        trunk.secret = seal(key->reveal(), "password", trunk.name);
        db.ok(db->save_trunk(trunk));
    }
    Result<Secret> key() { return app::read_master_key(settings, db.folder.path / "boni.db"); }
    Result<> check(Secret const& with) { return db.run(app::check_master_key(with, false, *db.store)); }
    Result<std::size_t> rotate() {
        db.store.reset();
        auto done = app::rotate_master_key(settings, db.folder.path / "boni.db");
        db.reopen();
        return done;
    }
    std::filesystem::path beside(std::string const& ending) const { return settings.master_key_file.string() + ending; }

    test::TempStore db;
    app::SecuritySettings settings;
};

}  // namespace

TEST_CASE("a master key that does not open a database is noticed at start") {
    Sealed sealed;
    CHECK(sealed.check(*sealed.key()));
    auto const wrong = sealed.check(random_secret(32));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().what.find("does not open") != std::string::npos);
}

TEST_CASE("a rotated master key opens every secret, and the one of before none") {
    Sealed sealed;
    auto const before = *sealed.key();
    auto const done = sealed.rotate();
    REQUIRE_MESSAGE(done, (done ? "" : done.error().what));
    CHECK(*done == 4);
    auto const after = *sealed.key();
    CHECK(after.reveal() != before.reveal());
    CHECK(sealed.check(after));
    CHECK_FALSE(sealed.check(before));
    CHECK(mode_of(sealed.beside(".before")) == 0600);
    CHECK_FALSE(std::filesystem::exists(sealed.beside(".next")));
    auto const trunks = sealed.db.ok(sealed.db->trunks());
    REQUIRE(trunks.size() == 1);
    CHECK(unseal(after.reveal(), trunks[0].secret, "carrier").value_or("") == "password");
}

TEST_CASE("a rotation that was interrupted is finished by the next") {
    Sealed sealed;
    auto const before = *sealed.key();
    REQUIRE(sealed.rotate());
    auto const after = *sealed.key();
    // As the process leaves it that ends behind the commit: the database has the new key, its file is the old one.
    std::filesystem::rename(sealed.settings.master_key_file, sealed.beside(".next"));
    std::filesystem::rename(sealed.beside(".before"), sealed.settings.master_key_file);
    CHECK_FALSE(sealed.check(*sealed.key()));
    REQUIRE(sealed.rotate());
    CHECK(sealed.key()->reveal() == after.reveal());
    CHECK(sealed.check(after));
    // And the one that ends before it removes the new key: nothing is rotated twice.
    REQUIRE(app::write_private(sealed.beside(".next"), base64(after.reveal())));
    REQUIRE(sealed.rotate());
    CHECK(sealed.key()->reveal() == after.reveal());
    CHECK(**app::read_private(sealed.beside(".before")) == base64(before.reveal()) + '\n');
}

TEST_CASE("a rotation that cannot be done changes nothing") {
    Sealed sealed;
    auto const before = *sealed.key();
    CHECK(app::rotate_master_key(sealed.settings, sealed.db.folder.path / "boni.db").error().code == Errc::conflict);   // a platform runs
    REQUIRE(app::write_private(sealed.settings.master_key_file, base64(random_secret(32).reveal())));
    CHECK_FALSE(sealed.rotate());
    CHECK(sealed.check(before));
}

TEST_CASE("a private file is replaced whole and a missing one is told from an empty one") {
    test::TempFolder folder;
    auto const file = folder.path / "seed.json";
    auto const none = app::read_private(file);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
    REQUIRE(app::write_private(file, "one"));
    REQUIRE(app::write_private(file, "two"));
    CHECK(**app::read_private(file) == "two");
    CHECK_FALSE(std::filesystem::exists(folder.path / "seed.json.new"));
}

TEST_CASE("every key of before is kept, however often it is rotated") {
    Sealed sealed;
    auto const first = *sealed.key();
    REQUIRE(sealed.rotate());
    auto const second = *sealed.key();
    REQUIRE(sealed.rotate());
    auto const third = *sealed.key();
    REQUIRE(sealed.rotate());
    auto const in = [&](std::string const& ending) { return app::read_private(sealed.beside(ending)).value().value_or(""); };
    CHECK(in(".before") == base64(third.reveal()) + "\n");
    CHECK(in(".before.1") == base64(first.reveal()) + "\n");
    CHECK(in(".before.2") == base64(second.reveal()) + "\n");
    CHECK(mode_of(sealed.beside(".before.1")) == 0600);
}

TEST_CASE("the key of a newer database is not rotated: it may have secrets that this binary does not know") {
    Sealed sealed;
    auto const key = *sealed.key();
    sealed.db.store.reset();
    {
        store::Session session{sealed.db.folder.path / "boni.db", store::Session::Mode::writer};
        session.run("INSERT INTO schema_version (version, applied_at) VALUES (99, 1)");
    }
    auto const refused = app::rotate_master_key(sealed.settings, sealed.db.folder.path / "boni.db");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.contains("use the newer binary"));
    CHECK(sealed.key()->reveal() == key.reveal());
}
