#include "targets/control_webhook/conversation.hpp"

#include "call/route.hpp"
#include "targets/control_webhook/breaker.hpp"
#include "targets/control_webhook/gather_task.hpp"

namespace boni::targets::control_webhook {
namespace {

using call::Calls;
using call::TargetOutcome;

/// Counts over all control webhooks of one call: a server whose decision names a control webhook, itself perhaps, starts no new count.
struct Asked {
    std::int64_t sequence = 0;
    int without_media = 0;                         ///< decisions in a row that the caller heard nothing of
};

constexpr auto by_decision = "control_webhook";    // Arrival.origin of a target that a decision named

Asked& asked_of(call::Call& call) { return call.kept().of<Asked>(); }

TargetOutcome failed(std::string reason) {
    auto const late = reason == "timeout";
    return {.kind = TargetOutcome::Kind::failed,
            .reason = std::move(reason),
            .error = late ? "control_webhook_timeout" : "control_webhook_failed",
            .cause = late ? "control_webhook_timeout" : "route_failed"};
}

TargetOutcome not_mine() { return {.kind = TargetOutcome::Kind::declined, .reason = "declined", .cause = "route_failed"}; }

/// An action that was never accepted is told in the timeline, and to the server when nothing came after it.
json::object refused_action(call::Call& call, Step const& step, Error const& error) {
    auto const id = ActionId::fresh(call.services().clock.now()).str();
    auto const& message = call::message_of(error);
    call.note("action.failed", {{"actionId", id}, {"action", step.name}, {"message", message}});
    return {{"id", id}, {"callId", call.row().id.str()}, {"action", step.name}, {"status", "failed"}, {"message", message}};
}

/// `last` of target_failed and stream_ended; a target given without an action is reported as `transfer`.
json::object last_of(call::Call const& call, model::Target const& target, TargetOutcome const& outcome) {
    auto const failed = outcome.kind != TargetOutcome::Kind::released;
    json::object last{{"id", ActionId::fresh(call.services().clock.now()).str()}, {"callId", call.row().id.str()}, {"action", "transfer"},
                      {"status", failed ? "failed" : "completed"}, {"target", target.fields}};
    if (failed) last["message"] = "target failed: " + outcome.reason;
    json::object const dialled{{"sipStatus", outcome.sip_status}, {"q850", outcome.q850}, {"durationSeconds", 0}};
    json::merge(last, outcome.last.is_object() ? outcome.last.as_object() : dialled);
    return last;
}

}  // namespace

Task<TargetOutcome> Conversation::run() {
    if (arrival_.origin != by_decision) asked_of(call_).without_media = 0;   // a step of the route
    Next next{"inbound", nullptr};
    for (;;) {
        auto answer = co_await ask_next(std::move(next));
        Conversation::Turn turn;
        switch (answer.outcome.kind) {
            case Outcome::Kind::failure: co_return failed(answer.outcome.reason);
            case Outcome::Kind::not_mine: co_return not_mine();
            case Outcome::Kind::hold: turn = co_await hold(answer.outcome.wait); break;
            case Outcome::Kind::decision: turn = co_await carry_out(std::move(*answer.decision)); break;
        }
        if (auto* const done = std::get_if<TargetOutcome>(&turn)) co_return *done;
        if (call_.ending()) co_return TargetOutcome{};
        next = std::get<Next>(std::move(turn));
    }
}

Task<Answer> Conversation::ask_next(Next next) {
    auto& asked = asked_of(call_);
    Question question{.id = DecisionId::fresh(call_.services().clock.now()), .phase = std::move(next.phase), .last = std::move(next.last),
                      .sequence = asked.sequence + 1, .target_index = arrival_.index};
    if (asked.without_media >= chained_without_media_max || asked.sequence >= questions_per_call_max) {
        call_.note("control.failed", {{"decisionId", question.id.str()}, {"attempt", 0}, {"reason", "loop_limit"}, {"totalMs", 0}});
        count_for_route(Calls::Health::failed);
        co_return Answer{.outcome = {.reason = "loop_limit"}, .decision = {}, .id = question.id};
    }
    ++asked.sequence;
    actions_before_ = call_.actions_accepted();
    auto answer = co_await ask(call_, place_, std::move(question));
    count_for_route(answer.outcome.kind != Outcome::Kind::failure ? Calls::Health::succeeded
                    : answer.down                                 ? Calls::Health::down
                                                                  : Calls::Health::failed);
    co_return answer;
}

void Conversation::count_for_route(Calls::Health health) {
    auto const server = [&](std::string const& url) { return breaker_key(call_.tenant().id, url); };
    if (arrival_.primary && server(place_.url) == server(own_url_)) call_.calls().primary_attempt(call_.number(), health);
}

/// 202: the call waits for a Call Action, or has one that overtook the answer. One that leaves the call alive is followed by `continue`;
/// none by the next target.
Task<Conversation::Turn> Conversation::hold(std::chrono::milliseconds wait) {
    auto const action = co_await call_.next_action(actions_before_, wait);
    if (!action) co_return failed("timeout");
    ++asked_of(call_).without_media;
    if (action->status == model::ActionStatus::completed) asked_of(call_).without_media = 0;
    co_return Next{"continue", model::to_json(*action)};
}

Task<Conversation::Turn> Conversation::carry_out(Decision decision) {
    ++asked_of(call_).without_media;   // until something of it was heard
    call_.merge_metadata(decision.metadata);
    if (decision.next) place_ = *decision.next;
    answering_ = decision.answer;
    json::value last = nullptr;
    for (auto const& step : decision.actions) {
        if (step.gather) {
            auto result = co_await run_gather(call_, *step.gather, decision.answer);
            if (result.heard) asked_of(call_).without_media = 0;
            co_return Next{"input", std::move(result.last)};
        }
        auto started = co_await accept(step);
        if (call_.ending()) co_return TargetOutcome{};
        if (!started) {
            last = refused_action(call_, step, started.error());
            continue;
        }
        if (started->kind->forks && (decision.target || &step != &decision.actions.back())) {
            last = model::to_json(started->action);
            call_.carry_out_beside(std::move(*started));
            continue;
        }
        auto const action = co_await call_.carry_out(std::move(*started));
        if (call_.ending()) co_return TargetOutcome{};
        if (action.status == model::ActionStatus::completed) asked_of(call_).without_media = 0;
        last = model::to_json(action);
    }
    if (!decision.target) co_return Next{"continue", std::move(last)};
    co_return co_await run_targets(std::move(decision));
}

/// With `auto` the first action that needs an answered caller answers (control-webhook 3).
Task<Result<call::Call::Started>> Conversation::accept(Step const& step) {
    auto const& kind = *call::find_action(step.name);
    if (kind.needs_answer && answering_ == call::Answering::automatic) CO_CHECK_OK(co_await call_.open_media(answering_, step.name));
    co_return co_await call_.accept(kind, step.request, "control_webhook", answering_);
}

/// The decision's target, then its own fallback list; without the field the webhook is asked what now (control-webhook 5).
Task<Conversation::Turn> Conversation::run_targets(Decision decision) {
    auto outcome = co_await call::run_target(call_, *decision.target, named());
    if (outcome.kind == TargetOutcome::Kind::ended) co_return outcome;
    auto const released = outcome.kind == TargetOutcome::Kind::released;
    if (released) asked_of(call_).without_media = 0;
    if (!outcome.phase.empty() && (released || !decision.fallback)) co_return Next{outcome.phase, last_of(call_, *decision.target, outcome)};
    if (!decision.fallback) co_return Next{"target_failed", last_of(call_, *decision.target, outcome)};
    for (std::size_t index = 1; auto const& target : *decision.fallback) {
        call_.note("route.fallback", {{"index", index++}, {"targetType", target.type}, {"reason", outcome.reason}, {"list", "decision"}});
        outcome = co_await call::run_target(call_, target, named());
        if (outcome.kind == TargetOutcome::Kind::ended) co_return outcome;
        if (outcome.kind == TargetOutcome::Kind::released) co_return Next{outcome.phase, last_of(call_, target, outcome)};
    }
    call_.end(call::ending::targets_used_up(outcome, call_.answered()));
    co_return TargetOutcome{};
}

call::Arrival Conversation::named() const {
    return {.index = arrival_.index, .primary = false, .origin = by_decision, .answering = answering_};
}

}  // namespace boni::targets::control_webhook
