#include "targets/control_webhook/gather_task.hpp"

#include "speech/prompt.hpp"

namespace boni::targets::control_webhook {
namespace {

using namespace asio::experimental::awaitable_operators;

/// Speaks until it is over or a digit comes; a digit pressed while the audio is still being fetched leaves it out.
Task<Result<>> speak(call::Call& call, json::object const& play) {
    auto const turn = call::Plays::enter(call.plays());
    auto loaded = co_await (call.services().prompts.load(call.tenant().id, speech::prompt_of(play), call.speech_counter()) || call.digits().any());
    if (loaded.index() == 1) co_return Result<>{};
    auto& clip = std::get<0>(loaded);
    if (!clip) co_return std::unexpected(clip.error());
    auto come = co_await (turn->come() || call.digits().any());
    if (come.index() == 1) co_return Result<>{};
    co_await (call.play(*clip, {.stop_on_digit = true}) || call.digits().any());
    co_return Result<>{};
}

Task<GatherEnd> listen(call::Call& call, Gather& gather) {
    auto& clock = call.services().clock;
    for (;;) {
        auto const left = gather.deadline().value_or(clock.steady()) - clock.steady();
        auto const key = co_await call.digits().next(std::max<Steady::duration>(left, 0ms));
        auto const now = clock.steady();
        if (auto end = key ? gather.press(*key, now) : gather.tick(now)) co_return *end;
    }
}

}  // namespace

Task<GatherResult> run_gather(call::Call& call, GatherRequest const& request, call::Answering answering) {
    auto& clock = call.services().clock;
    auto const id = ActionId::fresh(clock.now());
    json::object last{{"id", id.str()}, {"callId", call.row().id.str()}, {"action", "gather"}};
    auto const failed = [&](Error const& error, bool heard) {
        last["status"] = "failed";
        last["message"] = call::message_of(error);
        last["digits"] = "";
        call.note("gather.ended", {{"actionId", id.str()}, {"digitCount", 0}, {"message", last["message"]}});
        return GatherResult{last, heard};
    };
    call.note("gather.started", {{"actionId", id.str()}});
    call.digits().begin(clock.steady());
    if (auto const open = co_await call.open_media(answering, "gather"); !open) co_return failed(open.error(), false);
    auto const prompted = request.prompt && !call.digits().waiting();
    Gather gather{request, prompted, clock.steady()};
    if (prompted) {
        if (auto const spoken = co_await speak(call, *request.prompt); !spoken) co_return failed(spoken.error(), true);
        gather.prompt_ended(clock.steady());
    }
    auto const end = co_await listen(call, gather);
    call.note("gather.ended", {{"actionId", id.str()}, {"digitCount", end.digits.size()}, {"finishedBy", end.by}});
    last["status"] = "completed";
    last["digits"] = end.digits;
    last["finishedBy"] = end.by;
    co_return GatherResult{std::move(last), true};
}

}  // namespace boni::targets::control_webhook
