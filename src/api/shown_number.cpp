#include "api/shown_number.hpp"

namespace boni::api {

json::object shown(model::Number const& number, model::Tenant const& tenant) {
    json::object out{{"id", number.id.str()}, {"phoneNumber", number.phone_number}, {"status", name(number.status)},
                     {"activationStatus", name(number.activation)}, {"routeStatus", name(number.route_status)}, {"type", name(number.type)}};
    if (!number.label.empty()) out["label"] = number.label;
    out["capabilities"] = json::object{{"inbound", number.status == model::NumberStatus::assigned}, {"recording", tenant.feature("recording")},
                                       {"transcription", tenant.feature("transcription")}, {"aiAgent", tenant.feature("ai_agents")}};
    return out;
}

}  // namespace boni::api
