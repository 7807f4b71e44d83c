// The questions and answers of one call at one control webhook, from `inbound` until it is done with the call.
// Thread: control. Owner: the target's run.
#pragma once

#include <variant>

#include "targets/control_webhook/ask.hpp"

namespace boni::targets::control_webhook {

constexpr int chained_without_media_max = 5;
constexpr int questions_per_call_max = 100;

class Conversation {
  public:
    Conversation(call::Call& call, Place place, call::Arrival arrival)
        : call_{call}, place_{std::move(place)}, arrival_{std::move(arrival)} {}
    Task<call::TargetOutcome> run();

  private:
    struct Next { std::string phase; json::value last; };
    using Turn = std::variant<Next, call::TargetOutcome>;

    Task<Answer> ask_next(Next next);
    void count_for_route(call::Calls::Health health);   ///< number.routeStatus is about the primary's own server
    Task<Turn> hold(std::chrono::milliseconds wait);
    Task<Turn> carry_out(Decision decision);
    Task<Result<call::Call::Started>> accept(Step const& step);
    Task<Turn> run_targets(Decision decision);
    call::Arrival named() const;                   ///< how a target named by a decision is reached

    call::Call& call_;
    Place place_;
    std::string const own_url_{place_.url};        ///< of the target; `next` may have moved `place_`
    call::Arrival arrival_;
    call::Answering answering_ = call::Answering::automatic;
    std::uint64_t actions_before_ = 0;             ///< actions of the call when the last question was asked
};

}  // namespace boni::targets::control_webhook
