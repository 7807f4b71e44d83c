#include "app/descriptors.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "base/log.hpp"
#include "support/descriptor.hpp"

using namespace boni;

TEST_CASE("what calls and connections need of files is counted from the settings") {
    app::Config config;
    CHECK(app::descriptors_wanted(config) == 256 + 1024 + 3 * 5000);
    config.media.port_first = 20000;
    config.media.port_last = 20199;                          // a hundred calls
    CHECK(app::descriptors_wanted(config) == 256 + 1024 + 3 * 100);
}

TEST_CASE("the process takes the files that the system lets it have, and says when they are too few") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit few = before;
    few.rlim_cur = std::min<rlim_t>(before.rlim_cur, 512);   // as a shell's 1024
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    auto const enough = app::raise_descriptor_limit(1);
    CHECK(enough == std::min<rlim_t>(before.rlim_max, 65536));
    set_log_level(Level::warning);
    std::string const said = test::on_standard_error([] { app::raise_descriptor_limit(1'000'000); });
    CHECK(said.contains("LimitNOFILE"));
    set_log_level(Level::error);
    ::setrlimit(RLIMIT_NOFILE, &before);
}
