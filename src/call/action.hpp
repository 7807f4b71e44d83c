// The contract of a file in src/actions/: one Call Action, whatever asked for it (API, control webhook, agent, console).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/json.hpp"
#include "base/task.hpp"
#include "model/call.hpp"
#include "model/tenant.hpp"

namespace boni::egress { struct Policy; }

namespace boni::call {

class Call;

/// What checks may look at: no call yet, only whose request it is and what kind of number it is about.
struct CheckContext {
    model::Tenant const& tenant;
    egress::Policy const& policy;
    model::Channel channel = model::Channel::pstn;
};

/// 403 feature_not_enabled at "features.<feature>": the tenant's plan lacks it, or this build has no code behind it yet.
std::unexpected<Error> feature_off(std::string_view what, std::string_view feature);
std::unexpected<Error> not_offered(std::string_view what, std::string_view feature);
/// 400 validation_failed: "play: loop must be an integer of at least 1".
std::unexpected<Error> wrong_field(std::string_view action, std::string field, std::string_view expectation);

constexpr std::size_t id_bytes_max = 256;           ///< of an id that a request names; a longer one is refused

/// What an action that failed says of it: the error's token, else its sentence.
inline std::string const& message_of(Error const& error) { return error.token.empty() ? error.what : error.token; }

/// What an admitted action holds until it is done: a place in a queue, the last word of the call. Destruction gives it back.
struct Place {
    virtual ~Place() = default;
};

struct Admitted {
    model::ActionStatus status = model::ActionStatus::accepted;   ///< or `queued`: what the 202 says
    std::unique_ptr<Place> place{};                               ///< may be null
    StreamId stream{};                                            ///< that it is about
    RecordingId recording{};                                      ///< the same
};

/// What an action or target that needs media does to a caller who was not answered yet (control-webhook 3, `answer`).
enum class Answering { automatic, early, never };

/// What `run` gets besides the action itself.
struct Doing {
    Answering answering = Answering::early;
    std::unique_ptr<Place> place;
};

struct Action {
    std::string_view name;                          ///< as in CallActionResult.action: "play", "hangup"
    /// 400 (Errc::malformed, token validation_failed), 403 (Errc::forbidden, feature_not_enabled) and 422 (Errc::invalid) of the
    /// request body; no state is looked at. One that ends in `not_offered` has nothing behind it: `admit` and `run` are null.
    Result<> (*check)(json::object const& request, CheckContext const& context);
    /// State that refuses it: Errc::conflict with its token (api-semantics 9). On the control thread, before the commit.
    Result<Admitted> (*admit)(Call& call, json::object const& request);
    /// The effect, after the commit. Reports `running` by call.action_running(); the `what` of an error becomes the message of
    /// `failed`. Cancelled when the call ends.
    Task<Result<>> (*run)(Call& call, model::Action action, Doing doing);
    bool needs_answer = false;                      ///< admitted for an answered caller only; a decision's `answer: auto` answers for it
    bool forks = false;                             ///< what follows it in a decision does not wait for it
    std::string_view endpoint_field{};              ///< where its request names a webhook endpoint that is told as well; empty: nowhere
};

/// Generated from src/actions/, sorted by name.
std::span<Action const* const> all_actions();
Action const* find_action(std::string_view name);

}  // namespace boni::call
