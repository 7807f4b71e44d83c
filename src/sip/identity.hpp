// Who calls and who diverted the call to us, as a trusted peer's headers say it (sip.md 2.1). Thread: any; pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sip/endpoint.hpp"

namespace boni::sip {

/// What a request says about its caller, header values as received; empty: the header is absent.
struct CallerHeaders {
    std::string_view from;
    std::string_view asserted{};        ///< P-Asserted-Identity, only of a trusted peer (RFC 3325); one or two values
    std::string_view remote_party{};    ///< Remote-Party-ID, only of a trusted peer (draft-ietf-sip-privacy-04); of its values the first calling party's
    std::string_view privacy{};         ///< Privacy (RFC 3323): id, user and full withhold the number
};

/// P-Asserted-Identity before Remote-Party-ID before From; of two asserted identities the one that is a number. Who asks for privacy in
/// Remote-Party-ID has it whichever identity is taken.
Party calling_party(CallerHeaders const& headers, std::string_view std_code = {});

constexpr std::size_t diversions_max = 10;

struct DiversionHeaders {
    std::span<std::string const> diversion;     ///< RFC 5806, in the order of the message: the latest first
    std::span<std::string const> history{};     ///< History-Info (RFC 7044, 4244), the oldest first
    std::string_view privacy{};                 ///< Privacy: history, header and session withhold everybody in History-Info
};

/// Who diverted the call, the latest first, at most diversions_max. Diversion counts before History-Info, in which an entry diverted when
/// the one it led to has a cause (RFC 4458), is mapped from it, or when it has a Reason itself; another address of one user is no diversion.
std::vector<Diversion> diversions(DiversionHeaders const& headers, std::string_view std_code = {});

}  // namespace boni::sip
