#include "model/whatsapp.hpp"

#include "base/utf8.hpp"

namespace boni::model {

/// Whole characters: nobody says that they are digits.
std::string last_four(std::string_view id) {
    constexpr std::size_t shown = 4;
    auto at = id.size();
    while (at > 0 && characters(id.substr(at)) < shown) --at;
    return at == 0 ? "****" : "****" + std::string{id.substr(at)};
}

json::object to_json(WhatsAppCalling const& calling) {
    json::object out{{"callingStatus", name(calling.status)}, {"consentStatus", name(calling.consent)}};
    if (!calling.phone_number_id.empty()) out["phoneNumberId"] = last_four(calling.phone_number_id);
    if (!calling.waba_id.empty()) out["wabaId"] = last_four(calling.waba_id);
    if (!calling.bow_chat_inbox_id.empty()) out["bowChatInboxId"] = calling.bow_chat_inbox_id;
    if (calling.checked_at) out["lastHealthCheckAt"] = rfc3339(*calling.checked_at);
    return out;
}

}  // namespace boni::model
