// A carrier connection as the operator configures it (sip.md 5). Plain values; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/json.hpp"

namespace boni::model {

/// Stored as one JSON document: the operator's vocabulary of sip.md 5 (`kind`, `addresses`, `targets`, `auth`, `codecs`,
/// `numbers`, `limits`, `health`, `features`, `lsa`, `leg_class`). `secret` of `auth` is kept apart, sealed.
struct Trunk {
    TrunkId id;
    std::string name;      ///< unique
    bool test = false;
    json::object config;
    std::string secret;    ///< sealed; empty without digest credentials
    Instant created_at{};
};

}  // namespace boni::model
