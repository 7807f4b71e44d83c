// `hangup`: ends the call; before the answer its reason picks what the caller's network is told (api-semantics 10).
#include "call/call.hpp"

namespace boni::call {
namespace {

constexpr std::string_view reasons[] = {"normal", "rejected", "busy", "no_answer"};

Result<> check_hangup(json::object const& request, CheckContext const&) {
    if (!json::find(request, "reason")) return {};
    auto const reason = json::text(request, "reason");
    if (!reason || std::ranges::find(reasons, *reason) == std::end(reasons))
        return wrong_field("hangup", "reason", "must be normal, rejected, busy or no_answer");
    return {};
}

/// Whatever is asked after it is refused with call_not_active.
Result<Admitted> admit_hangup(Call& call, json::object const&) { return Admitted{.place = call.last_word()}; }

Task<Result<>> run_hangup(Call& call, model::Action action, Doing doing) {
    auto const place = std::move(doing.place);   // until the call has ended
    auto const by = action.origin == "console" ? std::string{"api"} : action.origin;
    call.end(ending::hang_up(json::text(action.request, "reason").value_or("normal"), by, call.answered()));
    co_return Result<>{};
}

}  // namespace

extern Action const hangup_action{"hangup", check_hangup, admit_hangup, run_hangup};

}  // namespace boni::call
