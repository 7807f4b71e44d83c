// The parts of a SIP message that the session state machine reads and writes, as plain values. Thread: any.
// Everything else of a message (Via, Route, Contact, Call-ID, CSeq numbers we send, identity) belongs to the transport side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "sip/cause.hpp"

namespace boni::sip {

enum class Method { invite, ack, cancel, bye, options, prack, update, refer, notify, info, other };

/// RFC 4028: who sends the refresh, seen from the request the header travels in.
enum class Refresher { unsaid, uac, uas };

struct SessionExpires {
    std::uint32_t seconds = 0;
    Refresher refresher = Refresher::unsaid;
    bool operator==(SessionExpires const&) const = default;
};

/// RFC 3262 section 7.2.
struct RAck {
    std::uint32_t rseq = 0;
    std::uint32_t cseq = 0;
    Method method = Method::invite;
    bool operator==(RAck const&) const = default;
};

/// Header fields in both directions: the reader fills what the message has, the writer writes what is set.
struct Headers {
    std::vector<std::string> require{};       ///< option tags
    std::vector<std::string> supported{};
    std::vector<std::string> unsupported{};
    std::vector<std::string> allow{};         ///< method names
    std::vector<std::string> accept{};        ///< body types, in a 415 and in the answer to OPTIONS
    std::vector<std::string> accept_encoding{};  ///< in a 415
    std::optional<std::uint32_t> rseq{};
    std::optional<RAck> rack{};
    std::optional<SessionExpires> session_expires{};
    std::optional<std::uint32_t> min_se{};    ///< seconds
    std::optional<Reason> reason{};
    std::optional<std::uint32_t> retry_after{};  ///< seconds
    std::vector<std::string> challenges{};    ///< WWW-Authenticate values, in a 401
    std::optional<std::uint32_t> expires{};   ///< seconds; read only
    std::string contact{};                    ///< first Contact URI; written only in a 3xx, read only from one
    std::string warning{};                    ///< text for whoever reads the trace of a 488 (RFC 3261 20.43); written only
    bool replaces = false;                  ///< the request carries Replaces (the endpoint matches it, not the session)
};

struct Body {
    std::string type{};                       ///< Content-Type with its parameters; empty: no body
    std::string text{};
    std::string encoding{};                   ///< Content-Encoding; empty: none
    bool empty() const { return text.empty(); }
};

/// An SDP body, or none for an empty text.
Body sdp_body(std::string sdp);

enum class BodyKind { none, sdp, dtmf_relay, dtmf, unsupported };
/// What a body is and the text that matters: the SDP part of a multipart/mixed is found (RFC 2046 5.1); at most 8 parts, not nested.
struct BodyPart {
    BodyKind kind = BodyKind::none;
    std::string text{};
};
BodyPart body_part(Body const& body);
/// For the 415 to a body we cannot read: `types`, or the encodings when that was the matter (RFC 3261 8.2.3).
Headers acceptable(Body const& body, std::vector<std::string> types);

/// For Allow. REFER and its NOTIFY only where transfers by the peer's network are known.
std::vector<std::string> methods_allowed(bool refer);
/// Option tags compare without case.
bool has_tag(std::vector<std::string> const& tags, std::string_view tag);
/// The option tags we understand in Require, and those of `required` that we do not (RFC 3261 8.2.2.3).
std::vector<std::string> const& tags_understood();
std::vector<std::string> unknown_tags(std::vector<std::string> required);
std::string_view method_name(Method method);
Method method_of(std::string_view name);    ///< case-sensitive as in RFC 3261 7.1; unknown names are `other`

}  // namespace boni::sip
