#include "model/trace.hpp"

#include "base/crypto.hpp"

namespace boni::model {

std::string traceparent(CallId const& call, std::string_view part) {
    return "00-" + sha256_hex(call.str()).substr(0, 32) + '-' + sha256_hex(part).substr(0, 16) + "-01";
}

}  // namespace boni::model
