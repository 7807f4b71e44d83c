// `phone_number`: dials a telephone. What it takes is settled here; dialling is not offered yet.
#include "call/target.hpp"
#include "model/phone.hpp"

namespace boni::call {
namespace {

Result<model::Target> check_phone_number(json::object const& fields, std::string_view at, CheckContext const& context) {
    auto const place = std::string{at};
    auto const given = json::text(fields, "phoneNumber");
    if (!given) return fail(Errc::invalid, "phone_number needs a phoneNumber", place + "phoneNumber", "invalid_target");
    if (context.channel == model::Channel::whatsapp_calling)
        return fail(Errc::invalid, "a WhatsApp call may not reach a telephone", place + "type", "channel_target_forbidden");
    auto const number = model::phone_number(*given);
    if (!number) return fail(Errc::invalid, "phoneNumber must be + and 7 to 15 digits, or an Indian number", place + "phoneNumber", "invalid_value");
    auto const allowed = [&](std::string const& prefix) { return number->starts_with(prefix); };
    if (std::ranges::none_of(context.tenant.allowed_prefixes, allowed))
        return fail(Errc::invalid, "phoneNumber is outside the prefixes this tenant may call", place + "phoneNumber", "invalid_target");
    CHECK_OK(check_ring_time(fields, at));
    return not_offered("target phone_number", "outbound");
}

}  // namespace

extern Target const phone_number_target{"phone_number", "outbound", check_phone_number, nullptr};

}  // namespace boni::call
