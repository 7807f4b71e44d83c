// Actions of a call: admitted, written, carried out, finished; the same way whatever asked for them (api-semantics 9).
#include "base/cancelled.hpp"
#include "base/log.hpp"
#include "call/call.hpp"
#include "call/events.hpp"

namespace boni::call {
namespace {

using namespace asio::experimental::awaitable_operators;

/// What escapes an action is its failure, not the call's; being cancelled is neither.
Task<Result<>> guarded(Task<Result<>> work) {
    try {
        co_return co_await std::move(work);
    } catch (std::exception const& error) {
        if (was_cancelled(std::current_exception())) throw;
        co_return fail(Errc::internal, error.what());
    }
}

}  // namespace

class Call::LastWord final : public Place {
  public:
    explicit LastWord(std::weak_ptr<Call> call) : call_{std::move(call)} {}
    ~LastWord() override {
        if (auto const call = call_.lock()) {
            call->last_word_ = false;
            call->end_asked_at_.reset();
        }
    }

  private:
    std::weak_ptr<Call> call_;
};

std::unique_ptr<Place> Call::last_word() {
    last_word_ = true;
    end_asked_at_ = services().clock.steady();
    return std::make_unique<LastWord>(weak_from_this());
}

Task<Result<Call::Started>> Call::accept(Action const& kind, json::object request, std::string origin, Answering answering,
                                         std::optional<store::IdempotencyKey> key) {
    if (!active()) co_return fail(Errc::conflict, "the call is over or about to end", {}, "call_not_active");
    CO_TRY(auto admitted, kind.admit(*this, request));
    auto const now = services().clock.now();
    model::Action action{.id = ActionId::fresh(now), .call = row().id, .tenant = row().tenant, .name = std::string{kind.name},
                         .status = admitted.status, .origin = std::move(origin), .request = std::move(request), .stream = admitted.stream,
                         .recording = admitted.recording, .created_at = now};
    store::Commit commit;
    commit.actions.push_back(action);
    if (key) commit.finished = store::FinishedRequest{std::move(*key), {202, json::serialize(model::to_json(action))}};
    record_.add_event(commit, "call.action.accepted", events::action_accepted(action));
    open_[action.id.str()] = action;   // before the wait: an ending meanwhile must find it
    ++actions_written_;
    auto const stored = co_await record_.save(std::move(commit));
    --actions_written_;
    if (!stored) {
        open_.erase(action.id.str());
        action_changed_.ring();
        co_return std::unexpected(stored.error());
    }
    ++actions_accepted_;
    action_changed_.ring();
    co_return Started{std::move(action), {answering, std::move(admitted.place)}, &kind};
}

Task<model::Action> Call::carry_out(Started started) {
    auto const self = shared_from_this();
    auto action = std::move(started.action);
    Result<> result = fail(Errc::conflict, "call_ended");
    auto first = co_await (guarded(started.kind->run(*this, action, std::move(started.doing))) || until_ended());
    if (first.index() == 0) result = std::get<0>(std::move(first));
    finish_action(action, result);
    co_return action;
}

void Call::carry_out_beside(Started started) {
    spawn(services().control, "action", [](std::shared_ptr<Call> self, Started begun) -> Task<> {
        co_await self->carry_out(std::move(begun));
    }(shared_from_this(), std::move(started)));
}

void Call::action_running(model::Action const& action) {
    auto const found = open_.find(action.id.str());
    if (found == open_.end()) return;
    found->second.status = model::ActionStatus::running;
    record_.write_action(found->second, "action.running", {{"actionId", action.id.str()}, {"action", action.name}});
}

/// Whoever is first finishes it: this, or the end of the call for everything still open.
void Call::finish_action(model::Action& action, Result<> const& result) {
    if (open_.erase(action.id.str()) == 0) return;
    action.status = result ? model::ActionStatus::completed : model::ActionStatus::failed;
    json::object detail{{"actionId", action.id.str()}, {"action", action.name}};
    if (!result) {
        constexpr std::size_t message_bytes_max = 256;
        action.message = ending_ ? "call_ended" : events::cut(message_of(result.error()), message_bytes_max);
        detail["message"] = action.message;
    }
    record_.write_action(action, result ? "action.completed" : "action.failed", std::move(detail));
    last_finished_ = action;
    action_changed_.ring();
}

Task<std::optional<model::Action>> Call::next_action(std::uint64_t before, std::chrono::steady_clock::duration limit) {
    auto const deadline = std::chrono::steady_clock::now() + limit;
    while (actions_accepted_ == before && (actions_written_ > 0 || std::chrono::steady_clock::now() < deadline))
        co_await action_changed_.rung_by(actions_written_ > 0 ? Steady::max() : deadline);   // one that is on its way to the disk came in time
    if (actions_accepted_ == before) co_return std::nullopt;
    while (!open_.empty()) co_await action_changed_.rung();
    co_return last_finished_;
}

}  // namespace boni::call
