#include "api/page.hpp"

#include "api/body.hpp"
#include "base/crypto.hpp"
#include "base/number.hpp"

namespace boni::api {
namespace {

constexpr std::size_t limit_max = 100;
constexpr auto span_max = std::chrono::days{366};
constexpr long long cursor_seconds_max = 24 * 3600;
constexpr std::size_t mac_size = 16;    // half of SHA-256: a forged cursor shows rows of its own tenant only

/// base64url without padding (RFC 4648 5): nothing in it needs escaping in a query.
std::string url_base64(std::string_view bytes) {
    auto text = base64(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    text.erase(std::min(text.find('='), text.size()));
    return text;
}

std::optional<std::string> from_url_base64(std::string text) {
    if (text.find_first_of("+/=") != text.npos) return std::nullopt;
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    auto bytes = unbase64(text);
    return bytes ? std::optional{*std::move(bytes)} : std::nullopt;
}

/// Only for the list it came from: the owner, the resource and every filter are under the signature.
std::string mac_of(Listing const& listing, std::string_view payload) {
    std::string signed_text = "cursor\n" + listing.owner + '\n' + http::decoded_path(listing.request) + '\n';
    for (auto const name : listing.filters) {
        auto const value = listing.request.query.get(name);
        signed_text += std::string{name} + (value ? '=' + std::string{*value} : std::string{}) + '\n';
    }
    auto const mac = hmac_sha256(listing.secret, signed_text + std::string{payload});
    return {reinterpret_cast<char const*>(mac.data()), mac_size};
}

template <class Number>
std::optional<Number> number_before(std::string_view& text, char end) {
    auto const at = text.find(end);
    if (at == text.npos) return std::nullopt;
    auto const number = number_of<Number>(text.substr(0, at));
    text.remove_prefix(at + 1);
    return number;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (unsigned char const byte : text) {
        if (std::isalnum(byte) || std::string_view{"-_.~"}.find(char(byte)) != std::string_view::npos) out += char(byte);
        else (((out += '%') += digits[byte >> 4]) += digits[byte & 15]);
    }
    return out;
}

/// The same list from `cursor` on, under the address customers know it by.
std::string next_link(Listing const& listing, std::string const& cursor) {
    auto link = listing.public_url + listing.request.path + "?cursor=" + cursor;
    auto const keep = [&](std::string_view name) {
        if (auto const value = listing.request.query.get(name)) link += '&' + std::string{name} + '=' + percent_encoded(*value);
    };
    for (auto const name : listing.filters) keep(name);
    keep("limit");
    return '<' + link + ">; rel=\"next\"";
}

Listing listing_of(Asked const& asked, Filters filters) {
    return {asked.request, asked.services.master_key.reveal(), asked.tenant.id.str(), asked.config.public_url, asked.now, filters};
}

}  // namespace

Result<std::optional<std::string>> parameter_of(http::Request const& request, std::string_view name) {
    auto const value = request.query.get(name);
    if (!value) return std::nullopt;
    if (request.query.count(name) > 1) return wrong(std::string{name}, "may be given once");
    return std::string{*value};
}

Result<std::size_t> limit_of(http::Request const& request, std::size_t otherwise) {
    TRY(auto const text, parameter_of(request, "limit"));
    if (!text) return otherwise;
    auto const limit = number_of<std::size_t>(*text);
    if (!limit || *limit < 1 || *limit > limit_max) return wrong("limit", "must be an integer from 1 to 100");
    return *limit;
}

Result<std::optional<Instant>> day_of(http::Request const& request, std::string_view name) {
    TRY(auto const text, parameter_of(request, name));
    if (!text) return std::nullopt;
    auto const day = ist_day_start(*text);
    if (!day) return wrong(std::string{name}, "must be a date, YYYY-MM-DD");
    return *day;
}

Result<> check_days(std::optional<Instant> first, std::optional<Instant> last) {
    if (!first || !last) return {};
    if (*first > *last) return refused("from", "from is after to", "invalid_value");
    if (*last + std::chrono::days{1} - *first > span_max)
        return refused("from", "from and to span at most 366 days", "limit_exceeded");
    return {};
}

Result<std::optional<Position>> cursor_of(Listing const& listing) {
    TRY(auto const text, parameter_of(listing.request, "cursor"));
    if (!text) return std::nullopt;
    auto const no = [] { return wrong("cursor", "must be the nextCursor of the same list, less than 24 hours old"); };
    auto const bytes = from_url_base64(*text);
    if (!bytes || bytes->size() <= mac_size) return no();
    std::string_view payload{*bytes};
    payload.remove_prefix(mac_size);
    if (!same_secret(std::string_view{*bytes}.substr(0, mac_size), mac_of(listing, payload))) return no();
    auto const made_at = number_before<long long>(payload, ' ');
    auto const micros = number_before<long long>(payload, ' ');
    if (!made_at || !micros || unix_seconds(listing.now) - *made_at >= cursor_seconds_max) return no();
    return Position{Instant{std::chrono::microseconds{*micros}}, std::string{payload}};
}

NextPage next_page(Listing const& listing, Position const& last) {
    auto const micros = last.first.time_since_epoch().count();
    auto const payload = std::to_string(unix_seconds(listing.now)) + ' ' + std::to_string(micros) + ' ' + last.second;
    auto cursor = url_base64(mac_of(listing, payload) + payload);
    auto link = next_link(listing, cursor);
    return {std::move(cursor), std::move(link)};
}

Result<std::optional<Position>> cursor_of(Asked const& asked, Filters filters) { return cursor_of(listing_of(asked, filters)); }

Result<> check_page(Asked const& asked) {
    CHECK_OK(limit_of(asked.request, 1));
    CHECK_OK(cursor_of(asked, {}));
    return {};
}

Answer page_answer(Asked const& asked, json::array rows, std::optional<Position> const& next, Filters filters) {
    json::object out{{"data", std::move(rows)}};
    Answer answer;
    if (next) {
        auto more = next_page(listing_of(asked, filters), *next);
        out["nextCursor"] = std::move(more.cursor);
        answer.link = std::move(more.link);
    }
    answer.body = std::move(out);
    return answer;
}

}  // namespace boni::api
