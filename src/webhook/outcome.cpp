#include "webhook/outcome.hpp"

namespace boni::webhook {

namespace {

/// The tokens a customer sees. A refused URL is told as a refused address: which stage refused it is nobody's business.
/// What is no token of the table (what is no HTTP) never was an answer.
std::string token_of(Error const& error) {
    for (std::string_view const known : {"timeout", "tls", "dns", "connect", "egress_blocked", "too_large", "bad_content_type"})
        if (error.token == known) return std::string{known};
    if (error.token == "unsafe_url") return "egress_blocked";
    return error.code == Errc::timeout ? "timeout" : "connect";
}

}  // namespace

Outcome outcome_of(Result<egress::HttpResponse> const& answer, Instant now) {
    using Kind = Outcome::Kind;
    if (!answer) {
        auto token = token_of(answer.error());
        auto const pressed = token == "timeout";
        return {Kind::retry, std::nullopt, std::move(token), {pressed, std::nullopt}};
    }
    auto const status = answer->status;
    if (status >= 200 && status < 300) return {Kind::delivered, status, {}, {}};
    if (status >= 300 && status < 400) return {Kind::retry, status, "redirect_blocked", {}};
    if (status == 410) return {Kind::gone, status, "gone", {}};
    Failure const failure{status == 429, parse_retry_after(egress::header_of(*answer, "retry-after"), now)};
    return {Kind::retry, status, "http_" + std::to_string(status), failure};
}

}  // namespace boni::webhook
