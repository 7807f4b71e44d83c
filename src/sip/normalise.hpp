// Numbers as Indian carriers write them, read into parties and written back (sip.md 6). Thread: any; pure functions.
// Whatever the form, the raw value is kept: only a match decides what a number means, never a guess.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sip/endpoint.hpp"

namespace boni::sip {

/// A user part or the rest of a tel: URI, e.g. "0987-654 3210", "+91-98765-43210;ext=1". `std_code` completes local numbers of
/// 6-8 digits and is given without its 0; empty: they stay as they came. Never fails: what is no number is an opaque user.
Party party_of(std::string_view user, std::string_view std_code = {});

/// Whom a request URI or the value of To, From and their like names: addr-spec or name-addr, sip:, sips: or tel: (RFC 3261 20.10,
/// RFC 3966).
Party party_of_uri(std::string_view value, std::string_view std_code = {});

/// The same party with its number and its name withheld; `raw` stays.
Party withheld(Party party);

/// What to look a called number up by, best first and without repetition: normalised, raw, then those of the trunk's own
/// `dids` (E.164) that share its last ten digits.
std::vector<std::string> did_candidates(Party const& called, std::span<std::string const> dids);

/// Fills a template of NumberFormats: {e164} +919876543210, {cc} 919876543210, {zero} 09876543210, {ten} 9876543210, {raw} as
/// given. A foreign number has no national form: {zero} is 00 and the country code, {ten} is {cc}. A number that is not E.164
/// (a short code, 1800...) is written as it is by all of them. What may not stand in a user part is percent-encoded (RFC 3261 25.1).
std::string outgoing(std::string_view format, std::string_view number);

/// Errc::invalid for a word in braces that is not one of those, or an unpaired brace.
Result<> check_format(std::string_view format);

}  // namespace boni::sip
