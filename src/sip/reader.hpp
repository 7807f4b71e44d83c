// A libre message read into the values the session and the endpoint work with. Thread: SIP; nothing keeps a pointer into it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/message.hpp"
#include "sip/re.hpp"
#include "sip/session.hpp"

namespace boni::sip {

constexpr std::size_t headers_max = 100;
constexpr std::size_t vias_max = 16;
constexpr std::size_t routes_max = 20;     // Route or Record-Route
constexpr std::size_t message_max = 64 * 1024;

/// What is wrong with a request before anybody looks at its meaning (RFC 3261 8.2, 18.3, 20): the status it deserves, and
/// whether it can be answered at all. None: it can be read.
struct Flaw {
    int status = 400;
    std::string_view reason;     ///< reason phrase, says what is missing
    bool answerable = true;      ///< false: no Via, From, To, Call-ID or CSeq to make a response of
};
std::optional<Flaw> flaw_of(struct sip_msg const& message);

/// Requires a message without flaw. `transaction` and `looped` are the caller's to fill.
Request read_request(struct sip_msg const& message);
/// `transaction` is the caller's to fill.
Response read_response(struct sip_msg const& message);
Headers read_headers(struct sip_msg const& message);
Body read_body(struct sip_msg const& message);

/// A value on one line: folding (RFC 3261 7.3.1) becomes spaces, so that it can be written into another message.
std::string unfolded(std::string_view value);
/// First value of a header by name, any case, compact form not included; empty when absent.
std::string header(struct sip_msg const& message, char const* name);
/// Every value, comma-separated ones split where libre knows the header as a list.
std::vector<std::string> header_values(struct sip_msg const& message, char const* name, std::size_t at_most);
/// The URI of a Contact, Record-Route or Refer-To value, without brackets and header parameters; empty when it is none,
/// or when it holds a space or control character and could not stand in a request line.
std::string uri_of(std::string_view value);
/// A comma-separated header found in raw text: the Reason of a CANCEL, which libre does not hand up.
std::optional<Reason> reason_in(std::string_view raw_message);
/// The Call-ID of a raw message; empty when it has none within its headers.
std::string_view call_id_in(std::string_view raw_message);
std::string_view cseq_in(std::string_view raw_message);     ///< the whole value

}  // namespace boni::sip
