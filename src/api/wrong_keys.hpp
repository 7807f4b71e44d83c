// Who shows keys that are none: an address, or its IPv6 network, may do so a few times a second (api-semantics 6). Thread: control. Owner: who asks for keys.
#pragma once

#include <string_view>

#include "api/rate_limit.hpp"
#include "base/clock.hpp"
#include "http/request.hpp"

namespace boni::api {

class WrongKeys {
  public:
    /// `limited`: else nobody is told to wait. `expected` is what a 401 says.
    WrongKeys(Clock& clock, bool limited, std::string_view expected) : clock_{clock}, limited_{limited}, expected_{expected} {}

    /// The address has not failed too often: a key of which nothing is known may be looked up.
    bool patient(http::Request const& request) const;
    /// Counts one. Errc::unauthorized, in the same words whether it is missing, malformed, unknown, expired or revoked, so that nobody
    /// learns which keys there are; Errc::limit when the address failed too often.
    Error refusal(http::Request const& request);
    static Error too_many();

  private:
    Clock& clock_;
    Buckets buckets_;
    bool limited_;
    std::string_view expected_;
};

}  // namespace boni::api
