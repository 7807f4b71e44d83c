#include "targets/control_webhook/outcome.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/json.hpp"
#include "base/number.hpp"

namespace boni::targets::control_webhook {
namespace {

using Kind = Outcome::Kind;

constexpr std::chrono::milliseconds hold_default{15'000};
constexpr std::chrono::milliseconds hold_max{30'000};

bool is_json(std::string_view content_type) {
    return same_word(trim(content_type.substr(0, content_type.find(';'))), "application/json");
}

Outcome hold_of(std::string_view body) {
    if (trim(body).empty()) return {.kind = Kind::hold, .wait = hold_default};
    auto const parsed = json::parse(body);
    if (!parsed) return {.reason = "invalid_json"};
    auto const* const fields = parsed->if_object();
    if (!fields) return {.reason = "invalid_decision"};
    auto const wait = json::integer(*fields, "waitMs");
    if (json::find(*fields, "waitMs") && (!wait || *wait < 0)) return {.reason = "invalid_decision"};
    return {.kind = Kind::hold, .wait = wait ? std::min(std::chrono::milliseconds{*wait}, hold_max) : hold_default};
}

}  // namespace

bool of_use(int status, std::string_view content_type) { return status != 200 || is_json(content_type); }

Outcome outcome_of(int status, std::string_view content_type, std::string_view body) {
    auto const http = "http_" + std::to_string(status);
    if (status == 200) return of_use(status, content_type) ? Outcome{.kind = Kind::decision} : Outcome{.reason = "bad_content_type"};
    if (status == 202) return hold_of(body);
    if (status == 204) return {.kind = Kind::not_mine};
    if (status >= 300 && status < 400) return {.reason = "redirect_blocked"};
    if (status == 408 || status == 425 || status == 429 || status >= 500) return {.reason = http, .retry = true};
    return {.reason = http, .gone = status == 410};
}

Outcome outcome_of(Error const& error) {
    auto const& token = error.token;
    if (token == "egress_blocked" || error.detail == "egress_blocked") return {.reason = "egress_blocked"};
    if (token == "too_large" || token == "redirect_blocked" || token == "bad_content_type") return {.reason = token};
    if (token == "timeout" || error.code == Errc::timeout) return {.reason = "timeout", .retry = true};
    if (token == "dns" || token == "tls") return {.reason = token, .retry = true};
    return {.reason = "connect", .retry = true};   // refused, reset, or closed while reading
}

std::optional<std::chrono::milliseconds> retry_after(std::string_view header) {
    auto const seconds = number_of<unsigned>(header);
    if (!seconds || *seconds > 3600) return std::nullopt;
    return std::chrono::seconds{*seconds};
}

}  // namespace boni::targets::control_webhook
