#include "api/wrong_keys.hpp"

namespace boni::api {

bool WrongKeys::patient(http::Request const& request) const {
    return !limited_ || buckets_.open(network_of(request.remote).ip_text(), failed_authentication_rate, clock_.steady());
}

Error WrongKeys::refusal(http::Request const& request) {
    auto const taken = buckets_.take(network_of(request.remote).ip_text(), failed_authentication_rate, clock_.steady());
    if (limited_ && !taken.allowed) return too_many();
    return {Errc::unauthorized, std::string{expected_}, {}, "unauthorized"};
}

Error WrongKeys::too_many() { return {Errc::limit, "too many requests with an invalid key from this address", {}, "rate_limited"}; }

}  // namespace boni::api
