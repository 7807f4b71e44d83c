#include "sip/reader.hpp"

#include <algorithm>
#include <charconv>

#include "base/utf8.hpp"
#include "sip/name_addr.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t tags_max = 32;   // option tags or methods in one request; more are nonsense
constexpr std::size_t reasons_max = 4;

std::optional<std::uint32_t> number(std::string_view text) {
    text = trim(text);
    std::uint32_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return value;
}

std::optional<std::uint32_t> number(struct sip_msg const& message, char const* name) { return number(header(message, name)); }

std::string parameter(std::string_view value, char const* name) {
    auto const at = value.find(';');
    if (at == std::string_view::npos) return {};
    auto const params = re::piece(value.substr(at));
    struct pl found;
    return msg_param_decode(&params, name, &found) == 0 ? re::str(found) : std::string{};
}

std::optional<SessionExpires> session_expires(struct sip_msg const& message) {
    auto const* const found = sip_msg_hdr(&message, SIP_HDR_SESSION_EXPIRES);
    if (!found) return std::nullopt;
    auto const value = re::view(found->val);
    auto const seconds = number(value);
    if (!seconds) return std::nullopt;
    auto const refresher = lower(parameter(value, "refresher"));
    return SessionExpires{*seconds, refresher == "uac" ? Refresher::uac : refresher == "uas" ? Refresher::uas : Refresher::unsaid};
}

/// "rseq cseq method" (RFC 3262 7.2).
std::optional<RAck> rack(struct sip_msg const& message) {
    auto const text = header(message, "RAck");
    if (text.empty()) return std::nullopt;
    struct pl rseq, cseq, method;
    if (re_regex(text.data(), text.size(), "[0-9]+[ \t]+[0-9]+[ \t]+[^ \t]+", &rseq, nullptr, &cseq, nullptr, &method)) return std::nullopt;
    auto const a = number(re::view(rseq)), b = number(re::view(cseq));
    if (!a || !b) return std::nullopt;
    return RAck{*a, *b, method_of(re::view(method))};
}

/// "Q.850;cause=16;text=\"Normal\"" (RFC 3326).
Reason reason_of(std::string_view value) {
    Reason reason{std::string{trim(value.substr(0, value.find(';')))}, 0, {}};
    reason.cause = int(number(parameter(value, "cause")).value_or(0));
    auto text = parameter(value, "text");
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    reason.text = as_utf8(text);
    return reason;
}

/// Of several, in one header or in many, the Q.850 one: it says most.
std::optional<Reason> best_reason(std::vector<std::string> const& headers) {
    std::optional<Reason> best;
    for (auto const& header : headers)
        for (auto const value : values_of(header, reasons_max)) {
            auto reason = reason_of(value);
            if (reason.protocol == "Q.850") return reason;
            if (!best) best = std::move(reason);
        }
    return best;
}

/// Neither a space nor a control character: a word that fits where we repeat it.
bool printable(std::string_view word) {
    return std::ranges::all_of(word, [](unsigned char c) { return c > 0x20 && c != 0x7f; });
}

std::size_t count_all(struct sip_msg const& message) { return list_count(&message.hdrl); }

/// The value of a header line in raw text; `compact` is its one-letter name or 0.
std::string_view raw_header(std::string_view text, std::string_view name, char compact) {
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        if (trim(line).empty()) return {};
        auto const colon = line.find(':');
        if (colon != std::string_view::npos) {
            auto const field = trim(line.substr(0, colon));
            if (same_word(field, name) || (compact && field.size() == 1 && lower(field[0]) == compact)) return trim(line.substr(colon + 1));
        }
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return {};
}

/// The protocol opens it (RFC 3261 20.42); libre also finds one in the middle, behind another.
bool begins_with_protocol(struct sip_via const& via) {
    auto const value = trim(re::view(via.val));
    return starts_with_word(value, "SIP") && value.find(';') > std::size_t(via.sentby.p - value.data());
}

}  // namespace

std::optional<Flaw> flaw_of(struct sip_msg const& message) {
    auto const set = [](struct pl const& text) { return text.p && text.l > 0; };
    if (!set(message.via.sentby) || !set(message.callid) || !set(message.cseq.met) || !set(message.from.auri) || !set(message.to.auri))
        return Flaw{400, "Missing Header", false};
    for (auto const id : {SIP_HDR_FROM, SIP_HDR_TO, SIP_HDR_CALL_ID, SIP_HDR_CSEQ, SIP_HDR_CONTENT_LENGTH})
        if (sip_msg_hdr_count(&message, id) > 1) return Flaw{400, "Repeated Header", false};
    for (auto const& word : {message.callid, message.from.auri, message.to.auri, message.via.sentby})
        if (!printable(re::view(word))) return Flaw{400, "Malformed Header", false};
    if (!begins_with_protocol(message.via)) return Flaw{400, "Malformed Via", false};
    for (auto const* element = list_head(&message.hdrl); element; element = element->next) {
        auto const value = re::view(static_cast<struct sip_hdr const*>(element->data)->val);
        if (value.find('\0') != std::string_view::npos) return Flaw{400, "Malformed Header", false};
    }
    if (!set(message.from.tag)) return Flaw{400, "Missing From Tag"};
    if (!set(message.via.branch)) return Flaw{400, "Missing Branch"};
    if (auto const* const cseq = sip_msg_hdr(&message, SIP_HDR_CSEQ); !cseq || !number(re::view(cseq->val))) return Flaw{400, "CSeq Out Of Range"};
    if (re::view(message.cseq.met) != re::view(message.met)) return Flaw{400, "CSeq Does Not Match"};
    if (re::view(message.ver) != "SIP/2.0") return Flaw{505, "Version Not Supported"};
    if (count_all(message) > headers_max || sip_msg_hdr_count(&message, SIP_HDR_VIA) > vias_max ||
        sip_msg_hdr_count(&message, SIP_HDR_ROUTE) > routes_max || sip_msg_hdr_count(&message, SIP_HDR_RECORD_ROUTE) > routes_max)
        return Flaw{400, "Too Many Headers"};
    if (auto const length = re::view(message.clen); !length.empty()) {
        auto const bytes = number(length);
        if (!bytes || *bytes > mbuf_get_left(message.mb)) return Flaw{400, "Wrong Content-Length"};
        if (*bytes > message_max) return Flaw{513, "Message Too Large"};
    }
    auto const scheme = re::view(message.uri.scheme);
    if (!same_word(scheme, "sip") && !same_word(scheme, "sips") && !same_word(scheme, "tel")) return Flaw{416, "Unsupported URI Scheme"};
    return std::nullopt;
}

Request read_request(struct sip_msg const& message) {
    Request request;
    request.method = method_of(re::view(message.met));
    request.cseq = message.cseq.num;
    request.remote_tag = re::str(message.from.tag);
    request.headers = read_headers(message);
    request.body = read_body(message);
    if (auto const hops = number(re::view(message.maxfwd))) request.max_forwards = int(std::min<std::uint32_t>(*hops, 255));
    return request;
}

Response read_response(struct sip_msg const& message) {
    Response response;
    response.status = message.scode;
    response.cseq = message.cseq.num;
    response.remote_tag = re::str(message.to.tag);
    response.headers = read_headers(message);
    response.body = read_body(message);
    return response;
}

Headers read_headers(struct sip_msg const& message) {
    Headers headers;
    headers.require = header_values(message, "Require", tags_max);
    headers.supported = header_values(message, "Supported", tags_max);
    headers.unsupported = header_values(message, "Unsupported", tags_max);
    headers.allow = header_values(message, "Allow", tags_max);
    headers.rseq = number(message, "RSeq");
    headers.rack = rack(message);
    headers.session_expires = session_expires(message);
    headers.min_se = number(message, "Min-SE");
    headers.reason = best_reason(header_values(message, "Reason", reasons_max));
    headers.retry_after = number(message, "Retry-After");
    headers.expires = number(re::view(message.expires));
    headers.replaces = sip_msg_hdr(&message, SIP_HDR_REPLACES) != nullptr;
    if (!message.req && message.scode >= 300 && message.scode < 400)
        if (auto const* const contact = sip_msg_hdr(&message, SIP_HDR_CONTACT)) headers.contact = uri_of(re::view(contact->val));
    return headers;
}

Body read_body(struct sip_msg const& message) {
    auto text = re::rest(message.mb);
    if (auto const length = number(re::view(message.clen))) text = text.substr(0, *length);
    if (text.empty()) return {};
    auto const* const type = sip_msg_hdr(&message, SIP_HDR_CONTENT_TYPE);
    auto const* const encoding = sip_msg_hdr(&message, SIP_HDR_CONTENT_ENCODING);
    return {type ? unfolded(re::view(type->val)) : std::string{"application/octet-stream"}, std::string{text},
            encoding ? std::string{trim(re::view(encoding->val))} : std::string{}};
}

std::string unfolded(std::string_view value) {
    std::string out{value};
    for (auto& c : out)
        if (c == '\r' || c == '\n' || c == '\0') c = ' ';
    return out;
}

std::string header(struct sip_msg const& message, char const* name) {
    auto const* const found = sip_msg_xhdr(&message, name);
    return found ? unfolded(re::view(found->val)) : std::string{};
}

std::vector<std::string> header_values(struct sip_msg const& message, char const* name, std::size_t at_most) {
    struct Collect {
        std::vector<std::string> values;
        std::size_t at_most;
    } collect{{}, at_most};
    auto const add = [](struct sip_hdr const* found, struct sip_msg const*, void* arg) {
        auto& out = *static_cast<Collect*>(arg);
        if (auto const value = trim(re::view(found->val)); !value.empty()) out.values.push_back(unfolded(value));
        return out.values.size() >= out.at_most;
    };
    // Compact names are other names to libre's search, but the same id.
    if (std::string_view{name} == "Supported") sip_msg_hdr_apply(&message, true, SIP_HDR_SUPPORTED, add, &collect);
    else sip_msg_xhdr_apply(&message, true, name, add, &collect);
    return std::move(collect.values);
}

std::string uri_of(std::string_view value) {
    auto const text = re::piece(value);
    struct sip_addr decoded;
    if (sip_addr_decode(&decoded, &text) != 0) return {};
    auto const uri = re::view(decoded.auri);
    return printable(uri) && uri.find_first_of("<>") == std::string_view::npos ? std::string{uri} : std::string{};
}

std::optional<Reason> reason_in(std::string_view raw_message) {
    std::vector<std::string> values;
    while (values.size() < reasons_max) {
        auto const value = raw_header(raw_message, "Reason", 0);
        if (value.empty()) break;
        values.emplace_back(value);
        raw_message.remove_prefix(std::min(raw_message.size(), raw_message.find('\n', std::size_t(value.data() - raw_message.data()))));
        if (!raw_message.empty()) raw_message.remove_prefix(1);
    }
    return best_reason(values);
}

std::string_view call_id_in(std::string_view raw_message) { return raw_header(raw_message, "Call-ID", 'i'); }
std::string_view cseq_in(std::string_view raw_message) { return raw_header(raw_message, "CSeq", 0); }

}  // namespace boni::sip
