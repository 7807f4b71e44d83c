#include "model/number_request.hpp"

namespace boni::model {

bool may_move(NumberRequestStatus from, NumberRequestStatus to) {
    using enum NumberRequestStatus;
    switch (from) {
        case submitted: return to == kyc_required || to == approved || to == rejected;
        case kyc_required: return to == approved || to == rejected;
        case approved: return to == fulfilled || to == rejected;
        case rejected:
        case fulfilled: return false;
    }
    return false;
}

json::object to_json(NumberRequest const& request) {
    json::object out{{"id", request.id.str()}, {"status", name(request.status)}};
    if (!request.number.empty()) out["numberId"] = request.number.str();
    return out;
}

}  // namespace boni::model
