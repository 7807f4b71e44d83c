// The grammar of a customer's answer (control-webhook 3): parsed and validated whole before anything of it happens.
// Pure values. Thread: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "call/action.hpp"
#include "call/target.hpp"
#include "targets/control_webhook/gather.hpp"

namespace boni::targets::control_webhook {

constexpr std::size_t actions_max = 32;
constexpr std::size_t fallback_max = 8;
constexpr std::size_t metadata_bytes_max = 4096;      ///< merged, serialised

/// Where and how long the next question goes.
struct Place {
    std::string url;
    std::chrono::milliseconds budget{3000};
};

struct Step {
    std::string name;                                 ///< an action with a file, or "gather"
    json::object request;                             ///< as the action's check accepted it
    std::optional<GatherRequest> gather;              ///< set exactly for "gather"
};

struct Decision {
    std::vector<Step> actions;
    std::optional<model::Target> target;
    std::optional<std::vector<model::Target>> fallback;   ///< present and empty: no fallback, end the call
    call::Answering answer = call::Answering::automatic;
    std::optional<Place> next;
    json::object metadata;                            ///< to be merged
};

/// `current`: the call's metadata so far. The first thing that is wrong is Errc::invalid or as the action or target says,
/// with its field; whatever it is, the decision as a whole is invalid.
Result<Decision> parse_decision(json::value const& body, call::CheckContext const& context, json::object const& current);

/// url and timeoutMs of a control_webhook target or of `next`; `at` as in call::Target::check.
Result<Place> parse_place(json::object const& fields, std::string_view at, call::CheckContext const& context);

}  // namespace boni::targets::control_webhook
