// boni dev: the whole platform on loopback with seeded tenants. `--json` is an interface that testers use (console-and-dx 5).
// Thread: main.
#pragma once

#include <utility>

#include "app/config.hpp"
#include "app/seed.hpp"

namespace boni::app {

struct DevOptions {
    Address http = literal("127.0.0.1:8080");
    Address operators = literal("127.0.0.1:8081");
    Address metrics = literal("127.0.0.1:9464");
    Address sip = literal("127.0.0.1:5060");
    Address sips = literal("127.0.0.1:5061");
    std::optional<std::pair<int, int>> rtp_ports;
    std::optional<int> media_threads;
    std::string public_address;
    std::filesystem::path data;                 ///< empty: a temporary folder, removed at exit
    SeedWish seed;
    bool rate_limits = true;
    std::string ca_file;
    std::int64_t drain_seconds = 0;             ///< how long SIGTERM waits for live calls
    bool json = false;                          ///< one line when ready, then one per event; else a text for people
};

/// Lives until SIGTERM or SIGINT; returns the process's exit code. The environment's BONI_SECTION__KEY apply where no option
/// says otherwise. Errors before the start: a setting, a folder or a file that cannot be used.
Result<int> run_dev(DevOptions options);

/// Features and limits that do not exist, with the nearest that do; Errc::invalid.
Result<> check_wish(SeedWish const& wish);

}  // namespace boni::app
