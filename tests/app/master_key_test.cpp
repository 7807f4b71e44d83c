#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/master_key.hpp"
#include "app/private_file.hpp"

using namespace boni;

namespace {

/// A folder of its own, gone with the test.
struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "boni-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

mode_t mode_of(std::filesystem::path const& file) {
    struct ::stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a master key is made once, with mode 0600, and read again") {
    Folder folder;
    app::SecuritySettings settings;
    settings.master_key_file = folder.path / "master.key";
    auto const made = app::read_master_key(settings);
    REQUIRE(made);
    CHECK(made->reveal().size() == 32);
    CHECK(mode_of(settings.master_key_file) == 0600);
    auto const again = app::read_master_key(settings);
    REQUIRE(again);
    CHECK(again->reveal() == made->reveal());
}

TEST_CASE("a master key that others may read is refused") {
    Folder folder;
    app::SecuritySettings settings;
    settings.master_key_file = folder.path / "master.key";
    REQUIRE(app::read_master_key(settings));
    std::filesystem::permissions(settings.master_key_file, std::filesystem::perms{0640});
    auto const refused = app::read_master_key(settings);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("chmod 600") != std::string::npos);
}

TEST_CASE("a master key of another length is refused, whether from file or setting") {
    Folder folder;
    app::SecuritySettings settings;
    settings.master_key_file = folder.path / "master.key";
    REQUIRE(app::write_private(settings.master_key_file, "c2hvcnQ=\n"));
    CHECK_FALSE(app::read_master_key(settings));
    settings.master_key = Secret{"c2hvcnQ="};
    auto const refused = app::read_master_key(settings);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "security.master_key must be 32 bytes in base64");
}

TEST_CASE("a private file is replaced whole and a missing one is told from an empty one") {
    Folder folder;
    auto const file = folder.path / "seed.json";
    auto const none = app::read_private(file);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
    REQUIRE(app::write_private(file, "one"));
    REQUIRE(app::write_private(file, "two"));
    CHECK(**app::read_private(file) == "two");
    CHECK_FALSE(std::filesystem::exists(folder.path / "seed.json.new"));
}
