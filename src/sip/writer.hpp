// Values written as SIP text: what goes behind the Via of a request, whole responses. Thread: any; pure
// functions, but `response_text` reads a libre message and is for the SIP thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sip/digest.hpp"
#include "sip/message.hpp"

struct sip_msg;

namespace boni::sip {

using ExtraHeaders = std::vector<std::pair<std::string, std::string>>;

/// What the transport side knows of a request within or outside of a dialog.
struct RequestLines {
    std::string method;
    std::vector<std::string> routes;      ///< Route values, complete
    std::string from, to, call_id;        ///< From and To with their tags
    std::uint32_t cseq = 0;
    std::string contact;                  ///< value; empty: none
    std::vector<CredentialsHeader> credentials;
    ExtraHeaders extra;
};

/// Everything of a request after its Via, body included.
std::string request_text(RequestLines const& lines, Headers const& headers, Body const& body);

/// A response to `request`: Via as RFC 3261 18.2.1 and RFC 3581 want it, To with our tag above 100, Record-Route copied.
struct ResponseLines {
    int status = 0;
    std::string_view phrase{};            ///< empty: the usual one
    std::string contact{};                ///< value; empty: none
    bool record_route = false;            ///< of a response that makes a dialog
    std::string to_tag{};                 ///< of an answer without a transaction; empty: `local_tag`
};
std::string response_text(struct sip_msg const& request, ResponseLines const& lines, Headers const& headers, Body const& body);

/// The tag we put into To; hexadecimal, of the request's own random number.
std::string local_tag(struct sip_msg const& request);

std::string_view reason_phrase(int status);
/// No CR, LF or NUL: it cannot end its line.
bool fits_line(std::string_view text);

}  // namespace boni::sip
