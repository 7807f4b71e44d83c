#include "http/problem.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace boni::http {

namespace {

struct CodeRow {
    Errc code;
    int status;
    std::string_view token;
};

/// What an error is without a token of its own. Errc::timeout is somebody behind us, not the client: that one has its token.
constexpr CodeRow codes[] = {
    {Errc::malformed, 400, "validation_failed"}, {Errc::invalid, 422, "invalid_value"},   {Errc::unauthorized, 401, "unauthorized"},
    {Errc::forbidden, 403, "forbidden"},         {Errc::not_found, 404, "not_found"},     {Errc::conflict, 409, "conflict"},
    {Errc::limit, 429, "rate_limited"},          {Errc::timeout, 503, "unavailable"},     {Errc::unavailable, 503, "unavailable"},
    {Errc::internal, 500, "internal_error"},
};

/// Tokens whose status is theirs, whatever the code of the error that carries them (api-semantics 3).
constexpr std::pair<std::string_view, int> tokens[] = {
    {"malformed_request", 400},
    {"invalid_json", 400},
    {"validation_failed", 400},
    {"plan_limit_reached", 403},
    {"feature_not_enabled", 403},
    {"method_not_allowed", 405},
    {"request_timeout", 408},
    {"play_queue_full", 409},
    {"stream_limit_reached", 409},
    {"gone", 410},
    {"payload_too_large", 413},
    {"unsupported_media_type", 415},
    {"range_not_satisfiable", 416},
    {"unsafe_url", 422},
    {"unknown_reference", 422},
    {"invalid_target", 422},
    {"invalid_value", 422},
    {"limit_exceeded", 422},
    {"channel_target_forbidden", 422},
    {"rate_limited", 429},
    {"overloaded", 429},
    {"headers_too_large", 431},
    {"unavailable", 503},
};

CodeRow const& row_of(Errc code) {
    auto const row = std::ranges::find(codes, code, &CodeRow::code);
    ENSURE(row != std::end(codes));
    return *row;
}

json::value shown(std::string_view text) { return json::string(text); }

json::array list_of(std::vector<Detail> const& details) {
    json::array out;
    for (auto const& detail : details)
        out.push_back({{"field", shown(detail.field)}, {"code", shown(detail.code)}, {"message", shown(detail.message)}});
    return out;
}

/// The message and, after a line break, the detail's; one line is both.
std::pair<std::string, std::string> messages(std::string const& what) {
    auto const end = what.find('\n');
    if (end == std::string::npos) return {what, what};
    return {what.substr(0, end), what.substr(end + 1)};
}

}  // namespace

int status_of(Error const& error) {
    auto const known = std::ranges::find(tokens, error.token, &std::pair<std::string_view, int>::first);
    return known != std::end(tokens) ? known->second : row_of(error.code).status;
}

std::string_view token_of(Error const& error) { return error.token.empty() ? row_of(error.code).token : std::string_view{error.token}; }

Response problem(Error const& error, Request const& request) {
    std::vector<Detail> details;
    if (!error.field.empty() && error.code != Errc::internal)
        details.push_back({error.field, error.detail.empty() ? std::string{token_of(error)} : error.detail, messages(error.what).second});
    return problem(error, request, details);
}

Response problem(Error const& error, Request const& request, std::vector<Detail> const& details) {
    auto const status = status_of(error);
    if (error.code == Errc::internal) log_error("http", error.what, {{"request", request.id}, {"path", request.path}});
    json::object body{{"success", false},
                      {"error", shown(token_of(error))},
                      {"message", shown(error.code == Errc::internal ? "something went wrong on our side" : messages(error.what).first)},
                      {"requestId", shown(request.id)}};
    if (!details.empty()) body["details"] = list_of(details);
    auto response = json_response(status, std::move(body));
    if (status == 429 || status == 503) response.headers.set("Retry-After", "1");
    return response;
}

}  // namespace boni::http
