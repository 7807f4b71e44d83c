// `play`: customer audio or spoken text for the caller, one after the other (api-semantics 4 and 9).
#include "base/utf8.hpp"
#include "call/call.hpp"
#include "egress/http_client.hpp"
#include "speech/prompt.hpp"

namespace boni::call {
namespace {

constexpr std::int64_t loop_max = 10;
constexpr std::size_t text_characters_max = 3000;

Result<> check_play(json::object const& request, CheckContext const& context) {
    for (auto const* const field : {"audioUrl", "text", "voice"})
        if (json::find(request, field) && !json::text(request, field)) return wrong_field("play", field, "must be a string");
    auto const loop = json::integer(request, "loop");
    if (json::find(request, "loop") && (!loop || *loop < 1)) return wrong_field("play", "loop", "must be an integer of at least 1");
    auto const text = json::text(request, "text");
    if (!text && !json::find(request, "audioUrl")) return wrong_field("play", "audioUrl", "or text is required");
    if (loop && *loop > loop_max) return fail(Errc::invalid, "play: loop is at most 10", "loop", "limit_exceeded");
    if (auto const voice = json::text(request, "voice")) CHECK_OK(speech::check_voice(*voice, "voice"));
    if (auto const url = json::text(request, "audioUrl")) {
        CHECK_OK(egress::check_url(*url, context.policy, egress::Use::https, "audioUrl"));
        return {};
    }
    if (text->empty()) return fail(Errc::invalid, "play: text is empty", "text", "invalid_value");
    if (characters(*text) > text_characters_max) return fail(Errc::invalid, "play: text has at most 3000 characters", "text", "limit_exceeded");
    return {};
}

Result<Admitted> admit_play(Call& call, json::object const&) {
    auto const& plays = call.plays();
    if (plays->full()) return fail(Errc::conflict, "16 plays are waiting on this call", {}, "play_queue_full");
    auto const status = plays->idle() ? model::ActionStatus::accepted : model::ActionStatus::queued;
    return Admitted{status, Plays::enter(plays)};
}

/// The audio is fetched while others still speak.
Task<Result<>> run_play(Call& call, model::Action action, Doing doing) {
    auto& turn = static_cast<Plays::Turn&>(*doing.place);
    CO_TRY(auto clip, co_await call.services().prompts.load(action.tenant, speech::prompt_of(action.request), call.speech_counter()));
    co_await turn.come();
    CO_CHECK_OK(co_await call.open_media(doing.answering, "play"));
    call.action_running(action);
    auto const loop = int(json::integer(action.request, "loop").value_or(1));
    auto const played = co_await call.play(std::move(clip), {.loop = loop});
    if (!played.finished) co_return fail(Errc::conflict, "interrupted");
    co_return Result<>{};
}

}  // namespace

extern Action const play_action{"play", check_play, admit_play, run_play};

}  // namespace boni::call
