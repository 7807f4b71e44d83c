// `transfer`: its request is checked as far as any transfer can be; moving a call is not offered yet (api-semantics 9).
#include "call/action.hpp"
#include "call/target.hpp"

namespace boni::call {
namespace {

Result<model::Target> target_at(json::object const& request, std::string_view name, CheckContext const& context) {
    return check_target(*json::find(request, name), std::string{name} + '.', context);
}

/// `redirect` sends the caller's own network elsewhere: only where it can be dialled from there, and never WhatsApp's.
Result<> check_redirect(json::object const& request, CheckContext const& context) {
    auto const type = json::text(*json::object_at(request, "target"), "type");
    if (context.channel == model::Channel::whatsapp_calling)
        return fail(Errc::invalid, "transfer: WhatsApp calls cannot be redirected", "mode", "channel_target_forbidden");
    if (type != "phone_number" && type != "sip_uri")
        return fail(Errc::invalid, "transfer: redirect takes phone_number or sip_uri", "target.type", "invalid_target");
    return {};
}

Result<> check_transfer(json::object const& request, CheckContext const& context) {
    if (!json::find(request, "target")) return wrong_field("transfer", "target", "is required");
    auto const mode = json::find(request, "mode") ? json::text(request, "mode") : "blind";
    if (mode != "blind" && mode != "warm" && mode != "redirect") return wrong_field("transfer", "mode", "must be blind, warm or redirect");
    auto const target = target_at(request, "target", context);
    auto const fallback = json::find(request, "fallback") ? target_at(request, "fallback", context) : target;
    for (auto const code : {Errc::malformed, Errc::forbidden}) {
        for (auto const* const one : {&target, &fallback})
            if (!*one && one->error().code == code) return std::unexpected(one->error());
        if (code == Errc::forbidden && mode == "warm" && !context.tenant.feature("warm_transfer"))
            return feature_off("a warm transfer", "warm_transfer");
    }
    for (auto const* const one : {&target, &fallback})
        if (!*one) return std::unexpected(one->error());
    if (mode == "redirect") CHECK_OK(check_redirect(request, context));
    return not_offered("transfer", mode == "warm" ? "warm_transfer" : "outbound");
}

}  // namespace

extern Action const transfer_action{"transfer", check_transfer, nullptr, nullptr};

}  // namespace boni::call
