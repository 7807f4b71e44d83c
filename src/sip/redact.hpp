// A SIP message as support may see it: the ladder keeps its shape and loses its secrets. Thread: any; pure function.
#pragma once

#include <string>
#include <string_view>

namespace boni::sip {

/// What replaces a secret. Content-Length and everything else stay as sent, so the text no longer adds up by intention.
inline constexpr std::string_view redacted = "[redacted]";

/// Removes the values of Authorization, Proxy-Authorization, Authentication-Info and Proxy-Authentication-Info (their scheme
/// stays), passwords in sip: URIs, keys in SDP (a=crypto, k=, a=ice-pwd; also inside multipart bodies) and the digits of
/// application/dtmf-relay and application/dtmf bodies. Header names match without case, folded lines belong to their header.
std::string redact(std::string_view message);

}  // namespace boni::sip
