// The tenants, keys, numbers and trunks of `boni dev`: made once, found again at the next start in the same folder.
// Thread: control, before anything listens.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "model/number.hpp"
#include "store/store.hpp"

namespace boni::app {

/// What the seeded tenants may do and what is beside them.
struct SeedWish {
    int tenants = 1;
    int numbers = 3;                            ///< for each tenant
    std::string plan = "dev";
    std::map<std::string, bool> features;       ///< beside every feature on
    std::map<std::string, double> limits;       ///< beside 5000 calls, 5000 a second
    std::vector<std::string> trunks;            ///< outbound next hops, "host" or "host:port"
};

struct SeededTenant {
    TenantId id;
    std::string key;                            ///< "demo", "demo2" ...
    std::string api_key;                        ///< vp_test_...
    std::string control_secret;                 ///< whsec_...: signs control webhooks of routes without an endpoint
    std::vector<model::Number> numbers;
};

struct Seeded {
    std::string operator_key;
    std::vector<SeededTenant> tenants;
};

/// Keys are kept in `file` (mode 0600), written before the database: a start that was cut short is completed by the next. Tenants and
/// numbers that are there stay, whatever the wish says; plan, features and limits follow the wish. Errc::invalid: no price for such a plan.
Task<Result<Seeded>> seed(store::Store& store, Clock& clock, Secret master_key, std::filesystem::path file, SeedWish wish);

}  // namespace boni::app
