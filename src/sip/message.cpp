#include "sip/message.hpp"

#include <algorithm>
#include <array>

#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr int parts_max = 8;            // a multipart/mixed from a PSTN gateway has two: SDP and ISUP
constexpr std::size_t boundary_max = 70;  // RFC 2046 5.1.1

constexpr std::array<std::pair<std::string_view, Method>, 10> methods{{
    {"INVITE", Method::invite}, {"ACK", Method::ack}, {"CANCEL", Method::cancel}, {"BYE", Method::bye}, {"OPTIONS", Method::options},
    {"PRACK", Method::prack}, {"UPDATE", Method::update}, {"REFER", Method::refer}, {"NOTIFY", Method::notify}, {"INFO", Method::info}}};

/// "application/sdp" of "Application/SDP; charset=utf-8".
std::string media_type(std::string_view type) { return lower(trim(type.substr(0, type.find(';')))); }

BodyKind kind_of(std::string_view type) {
    auto const media = media_type(type);
    if (media == "application/sdp") return BodyKind::sdp;
    if (media == "application/dtmf-relay") return BodyKind::dtmf_relay;
    if (media == "application/dtmf") return BodyKind::dtmf;
    return BodyKind::unsupported;
}

std::string_view boundary_of(std::string_view type) {
    auto const at = lower(type).find("boundary=");
    if (at == std::string::npos) return {};
    auto value = trim(type.substr(at + 9));
    if (value.starts_with('"')) {
        value.remove_prefix(1);
        return value.substr(0, value.find('"'));
    }
    return trim(value.substr(0, value.find(';')));
}

/// Header lines and content of one part; a part without headers is text/plain.
std::pair<std::string_view, std::string_view> split_part(std::string_view part) {
    for (std::string_view const gap : {"\r\n\r\n", "\n\n"})
        if (auto const at = part.find(gap); at != std::string_view::npos) return {part.substr(0, at), part.substr(at + gap.size())};
    return {{}, part};
}

std::string_view part_type(std::string_view headers) {
    while (!headers.empty()) {
        auto const end = headers.find('\n');
        auto const line = trim(headers.substr(0, end));
        headers = end == std::string_view::npos ? std::string_view{} : headers.substr(end + 1);
        auto const colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto const field = lower(trim(line.substr(0, colon)));
        if (field == "content-type" || field == "c") return trim(line.substr(colon + 1));
    }
    return {};
}

BodyPart sdp_in_multipart(Body const& body) {
    auto const boundary = boundary_of(body.type);
    if (boundary.empty() || boundary.size() > boundary_max) return {BodyKind::unsupported, {}};
    auto const mark = "--" + std::string{boundary};
    std::string_view rest = body.text;
    auto at = rest.find(mark);
    for (int part = 0; part < parts_max && at != std::string_view::npos; ++part) {
        rest.remove_prefix(at + mark.size());
        if (rest.starts_with("--")) break;
        rest.remove_prefix(std::min(rest.size(), rest.find('\n') == std::string_view::npos ? 0 : rest.find('\n') + 1));
        at = rest.find(mark);
        auto const [headers, content] = split_part(rest.substr(0, at));
        if (kind_of(part_type(headers)) != BodyKind::sdp) continue;
        auto text = content;
        if (at != std::string_view::npos && text.ends_with("\r\n")) text.remove_suffix(2);  // belongs to the boundary
        return {BodyKind::sdp, std::string{text}};
    }
    return {BodyKind::unsupported, {}};
}

bool body_is_encoded(Body const& body) { return !body.encoding.empty() && !same_word(body.encoding, "identity"); }

}  // namespace

Body sdp_body(std::string sdp) {
    if (sdp.empty()) return {};
    return {"application/sdp", std::move(sdp)};
}

BodyPart body_part(Body const& body) {
    if (body.empty()) return {};
    if (body_is_encoded(body)) return {BodyKind::unsupported, {}};
    if (media_type(body.type) == "multipart/mixed") return sdp_in_multipart(body);
    auto const kind = kind_of(body.type);
    return {kind, kind == BodyKind::unsupported ? std::string{} : body.text};
}

Headers acceptable(Body const& body, std::vector<std::string> types) {
    if (body_is_encoded(body)) return {.accept_encoding = {"identity"}};
    return {.accept = std::move(types)};
}

std::vector<std::string> methods_allowed(bool refer) {
    std::vector<std::string> out{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "INFO"};
    if (refer) {
        out.emplace_back("REFER");
        out.emplace_back("NOTIFY");
    }
    return out;
}

bool has_tag(std::vector<std::string> const& tags, std::string_view tag) {
    return std::ranges::any_of(tags, [&](std::string const& t) { return same_word(t, tag); });
}

std::vector<std::string> const& tags_understood() {
    static std::vector<std::string> const tags{"100rel", "timer"};
    return tags;
}

std::vector<std::string> unknown_tags(std::vector<std::string> required) {
    std::erase_if(required, [](auto const& tag) { return has_tag(tags_understood(), tag); });
    return required;
}

std::string_view method_name(Method method) {
    for (auto const& [text, known] : methods)
        if (known == method) return text;
    return "?";
}

Method method_of(std::string_view name) {
    for (auto const& [text, known] : methods)
        if (text == name) return known;
    return Method::other;
}

}  // namespace boni::sip
