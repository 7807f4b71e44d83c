#include "http/request.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace boni::http {

namespace {

constexpr std::size_t target_bytes_max = 8 * 1024;   // as one header field (api-semantics 3, 431)

std::string_view unquoted(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

/// Text up to `separator`, which is taken off the rest too.
std::string_view next(std::string_view& rest, char separator) {
    auto const end = rest.find(separator);
    auto const part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

/// RFC 9110 8.3.1. A charset other than UTF-8 would be read wrongly; other parameters mean nothing to JSON (RFC 8259 11).
bool is_json(std::string_view content_type) {
    if (!same_word(trim(next(content_type, ';')), "application/json")) return false;
    while (!content_type.empty()) {
        auto value = next(content_type, ';');
        auto const name = trim(next(value, '='));
        if (same_word(name, "charset") && !same_word(unquoted(trim(value)), "utf-8")) return false;
    }
    return true;
}

Result<> read_query(Query& query, std::string_view text) {
    while (!text.empty()) {
        auto value = next(text, '&');
        if (value.empty()) continue;
        auto name = percent_decoded(next(value, '='), Plus::space);
        auto decoded = percent_decoded(value, Plus::space);
        if (!name || !decoded || !is_utf8(*name) || !is_utf8(*decoded))
            return std::unexpected(malformed("the query is not percent-encoded UTF-8"));
        query.add(*std::move(name), *std::move(decoded));
    }
    return {};
}

/// Whoever takes us for a proxy sends the whole URL, and a server reads that as well (RFC 9112 3.2.2).
std::string_view path_and_query(std::string_view target) {
    for (std::string_view const scheme : {"http://", "https://"}) {
        if (!same_word(target.substr(0, scheme.size()), scheme)) continue;
        auto const path = target.find_first_of("/?", scheme.size());
        return path == std::string_view::npos ? "/" : target.substr(path);
    }
    return target;
}

}  // namespace

Error malformed(std::string what) { return {Errc::malformed, std::move(what), {}, "malformed_request"}; }

std::optional<std::string_view> Query::get(std::string_view name) const {
    for (auto const& [known, value] : items_)
        if (known == name) return value;
    return std::nullopt;
}

std::size_t Query::count(std::string_view name) const {
    return std::size_t(std::ranges::count_if(items_, [name](auto const& item) { return item.first == name; }));
}

Result<json::object> Request::json() const {
    auto const unsupported = [](std::string what) { return fail(Errc::malformed, std::move(what), {}, "unsupported_media_type"); };
    if (headers.has("Content-Encoding")) return unsupported("bodies are read without any Content-Encoding");
    if (body.empty()) return json::object{};
    auto const type = headers.get("Content-Type");
    if (!type || headers.count("Content-Type") > 1 || !is_json(*type)) return unsupported("Content-Type must be application/json");
    TRY(auto document, json::parse(body));
    if (!document.is_object()) return fail(Errc::malformed, "the body must be a JSON object", {}, "validation_failed");
    return std::move(document.get_object());
}

Result<> read_target(Request& request, std::string_view target) {
    if (target.size() > target_bytes_max) return std::unexpected(malformed("the request target is longer than 8 KiB"));
    target = path_and_query(target);
    if (!target.starts_with('/')) return std::unexpected(malformed("the request target must be a path"));
    auto const printable = [](char byte) { return byte > 0x20 && byte < 0x7f && byte != '#'; };
    if (!std::ranges::all_of(target, printable)) return std::unexpected(malformed("the request target has a character that must be encoded"));
    auto query = target;
    auto const path = next(query, '?');
    auto const decoded = percent_decoded(path, Plus::literal);
    if (!decoded || !is_utf8(*decoded)) return std::unexpected(malformed("the path is not percent-encoded UTF-8"));
    request.path = path;
    request.query = {};
    return read_query(request.query, query);
}

std::optional<std::string> percent_decoded(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus == Plus::space) {
            out += ' ';
        } else if (text[at] != '%') {
            out += text[at];
        } else {
            if (text.size() - at < 3) return std::nullopt;
            auto const high = hex_value(text[at + 1]);
            auto const low = hex_value(text[at + 2]);
            if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
            out += char(high * 16 + low);
            at += 2;
        }
    }
    return out;
}

std::string decoded_path(Request const& request) { return percent_decoded(request.path, Plus::literal).value_or(request.path); }

}  // namespace boni::http
