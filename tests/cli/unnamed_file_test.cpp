// What `boni call` hears is kept in a file without a name: nothing is left behind, however it ends.
#include "cli/softphone/unnamed_file.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "support/temp_store.hpp"

using namespace boni;

TEST_CASE("a file without a name is written and read by its path, and leaves nothing in the folder") {
    test::TempFolder folder;
    auto const* const was = std::getenv("TMPDIR");
    auto const kept = was ? std::optional<std::string>{was} : std::nullopt;
    ::setenv("TMPDIR", folder.path.c_str(), 1);
    {
        auto made = cli::UnnamedFile::make();
        REQUIRE(made);
        CHECK(std::filesystem::is_empty(folder.path));
        auto const file = *std::move(made);
        std::ofstream{file.path(), std::ios::trunc} << "heard";
        std::ostringstream text;
        text << std::ifstream{file.path()}.rdbuf();
        CHECK(text.str() == "heard");
        CHECK(std::filesystem::is_empty(folder.path));
    }
    CHECK(std::filesystem::is_empty(folder.path));
    ::setenv("TMPDIR", (folder.path / "nowhere").c_str(), 1);
    CHECK_FALSE(cli::UnnamedFile::make());
    if (kept) ::setenv("TMPDIR", kept->c_str(), 1);
    else ::unsetenv("TMPDIR");
}
