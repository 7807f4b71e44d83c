#include "sip/writer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sip/re.hpp"
#include "sip/reader.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 47> phrases{{
    {100, "Trying"}, {180, "Ringing"}, {181, "Call Is Being Forwarded"}, {182, "Queued"}, {183, "Session Progress"}, {200, "OK"},
    {202, "Accepted"}, {300, "Multiple Choices"}, {301, "Moved Permanently"}, {302, "Moved Temporarily"}, {305, "Use Proxy"},
    {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
    {406, "Not Acceptable"}, {407, "Proxy Authentication Required"}, {408, "Request Timeout"}, {410, "Gone"},
    {413, "Request Entity Too Large"}, {415, "Unsupported Media Type"}, {416, "Unsupported URI Scheme"}, {420, "Bad Extension"},
    {421, "Extension Required"}, {422, "Session Interval Too Small"}, {423, "Interval Too Brief"}, {480, "Temporarily Unavailable"},
    {481, "Call/Transaction Does Not Exist"}, {482, "Loop Detected"}, {483, "Too Many Hops"}, {484, "Address Incomplete"},
    {485, "Ambiguous"}, {486, "Busy Here"}, {487, "Request Terminated"}, {488, "Not Acceptable Here"}, {491, "Request Pending"},
    {500, "Server Internal Error"}, {501, "Method Unknown"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
    {504, "Server Time-out"}, {505, "Version Not Supported"}, {513, "Message Too Large"}, {600, "Busy Everywhere"}, {603, "Decline"},
    {606, "Not Acceptable"}}};

class Lines {
  public:
    void add(std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\r\n");
    }
    void list(std::string_view name, std::vector<std::string> const& values) {
        if (!values.empty()) add(name, fmt::format("{}", fmt::join(values, ", ")));
    }
    void number(std::string_view name, std::optional<std::uint32_t> value) {
        if (value) add(name, std::to_string(*value));
    }
    std::string out;
};

void write(Lines& lines, Headers const& headers) {
    lines.list("Require", headers.require);
    lines.list("Supported", headers.supported);
    lines.list("Unsupported", headers.unsupported);
    lines.list("Allow", headers.allow);
    lines.list("Accept", headers.accept);
    lines.list("Accept-Encoding", headers.accept_encoding);
    lines.number("RSeq", headers.rseq);
    if (auto const& rack = headers.rack) lines.add("RAck", fmt::format("{} {} {}", rack->rseq, rack->cseq, method_name(rack->method)));
    if (auto const& expires = headers.session_expires) {
        auto const refresher = expires->refresher;
        lines.add("Session-Expires", fmt::format("{}{}", expires->seconds, refresher == Refresher::uac ? ";refresher=uac"
                                                                           : refresher == Refresher::uas ? ";refresher=uas" : ""));
    }
    lines.number("Min-SE", headers.min_se);
    if (headers.reason) lines.add("Reason", text_of(*headers.reason));
    lines.number("Retry-After", headers.retry_after);
    if (!headers.warning.empty()) lines.add("Warning", "399 boni " + sip::quoted(headers.warning));
    for (auto const& challenge : headers.challenges) lines.add("WWW-Authenticate", challenge);
}

void finish(Lines& lines, ExtraHeaders const& extra, Body const& body) {
    for (auto const& [name, value] : extra) lines.add(name, value);
    if (!body.empty()) lines.add("Content-Type", body.type);
    lines.add("Content-Length", std::to_string(body.text.size()));
    lines.out += "\r\n";
    lines.out += body.text;
}

/// A Via without one of its parameters, which may have a value or none.
std::string without_parameter(std::string_view via, char const* name) {
    auto const params_at = via.find(';');
    if (params_at == std::string_view::npos) return std::string{via};
    auto const params = re::piece(via.substr(params_at));
    struct pl found;
    if (msg_param_exists(&params, name, &found) != 0) return std::string{via};
    auto const at = std::size_t(found.p - via.data());
    return std::string{via.substr(0, at)}.append(via.substr(std::min(via.size(), via.find(';', at + 1))));
}

/// The topmost Via says where the answer goes: `received` and a filled `rport`, ours and not what the peer wrote there (RFC 3261
/// 18.2.1, RFC 3581 4).
std::string answered_via(struct sip_msg const& request, std::string_view value) {
    auto out = without_parameter(value, "received");
    struct pl rport;
    auto const wants_port = msg_param_exists(&request.via.params, "rport", &rport) == 0;
    if (wants_port) out = without_parameter(out, "rport") + fmt::format(";rport={}", sa_port(&request.src));
    if (wants_port || !sa_cmp(&request.src, &request.via.addr, SA_ADDR)) out += ";received=" + re::address(request.src).ip_text();
    return out;
}

void copy(Lines& lines, struct sip_msg const& request, ResponseLines const& response) {
    auto first_via = true;
    for (auto const* element = request.hdrl.head; element; element = element->next) {
        auto const& header = *static_cast<struct sip_hdr const*>(element->data);
        auto const value = unfolded(re::view(header.val));
        switch (header.id) {
            case SIP_HDR_VIA:
                lines.add("Via", std::exchange(first_via, false) ? unfolded(answered_via(request, re::view(header.val))) : value);
                break;
            case SIP_HDR_TO: {
                auto const tagged = request.to.tag.p != nullptr || response.status <= 100;
                auto const& tag = response.to_tag;
                lines.add("To", tagged ? value : fmt::format("{};tag={}", value, tag.empty() ? local_tag(request) : tag));
                break;
            }
            case SIP_HDR_RECORD_ROUTE:
                if (response.record_route) lines.add("Record-Route", value);
                break;
            case SIP_HDR_TIMESTAMP:
                if (response.status == 100) lines.add("Timestamp", value);   // RFC 3261 8.2.6.1: the peer measures the way with it
                break;
            case SIP_HDR_FROM: lines.add("From", value); break;
            case SIP_HDR_CALL_ID: lines.add("Call-ID", value); break;
            case SIP_HDR_CSEQ: lines.add("CSeq", value); break;
            default: break;
        }
    }
}

}  // namespace

std::string request_text(RequestLines const& request, Headers const& headers, Body const& body) {
    Lines lines;
    lines.out.reserve(1024 + body.text.size());
    lines.add("Max-Forwards", "70");
    for (auto const& route : request.routes) lines.add("Route", route);
    lines.add("From", request.from);
    lines.add("To", request.to);
    lines.add("Call-ID", request.call_id);
    lines.add("CSeq", fmt::format("{} {}", request.cseq, request.method));
    if (!request.contact.empty()) lines.add("Contact", request.contact);
    for (auto const& one : request.credentials) lines.add(one.proxy ? "Proxy-Authorization" : "Authorization", one.value);
    write(lines, headers);
    finish(lines, request.extra, body);
    return std::move(lines.out);
}

std::string response_text(struct sip_msg const& request, ResponseLines const& response, Headers const& headers, Body const& body) {
    Lines lines;
    lines.out.reserve(1024 + body.text.size());
    lines.out = fmt::format("SIP/2.0 {} {}\r\n", response.status, response.phrase.empty() ? reason_phrase(response.status) : response.phrase);
    copy(lines, request, response);
    if (!headers.contact.empty()) lines.add("Contact", '<' + headers.contact + '>');
    else if (!response.contact.empty()) lines.add("Contact", response.contact);
    write(lines, headers);
    finish(lines, {}, body);
    return std::move(lines.out);
}

std::string local_tag(struct sip_msg const& request) { return fmt::format("{:016x}", request.tag); }

std::string_view reason_phrase(int status) {
    for (auto const& [known, phrase] : phrases)
        if (known == status) return phrase;
    constexpr std::array<std::string_view, 7> classes{"", "Progress", "OK", "Redirection", "Client Error", "Server Error", "Global Failure"};
    return classes[std::size_t(std::clamp(status / 100, 0, 6))];
}

bool fits_line(std::string_view text) { return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos; }

}  // namespace boni::sip
