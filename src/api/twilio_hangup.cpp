#include "api/twilio_hangup.hpp"

#include "base/ascii.hpp"
#include "base/crypto.hpp"

namespace boni::api {
namespace {

constexpr std::string_view before = "/2010-04-01/Accounts/", between = "/Calls/", after = ".json";
constexpr std::size_t body_bytes_max = 4096;

http::Response problem(int status, int code, std::string_view message) {
    return http::json_response(status, json::object{{"code", code}, {"message", message}, {"status", status}});
}
http::Response not_found() { return problem(404, 20404, "The requested resource was not found"); }
http::Response unknown_caller() {
    auto out = problem(401, 20003, "Authenticate");
    out.headers.set("WWW-Authenticate", "Basic realm=\"boni\"");
    return out;
}

struct Place {
    std::string_view tenant, call;
};
std::optional<Place> place_of(std::string_view path) {
    if (!path.starts_with(before) || !path.ends_with(after)) return {};
    path = path.substr(before.size(), path.size() - before.size() - after.size());
    auto const at = path.find(between);
    if (at == path.npos) return {};
    Place out{path.substr(0, at), path.substr(at + between.size())};
    if (out.call.find('/') != out.call.npos || out.tenant.find('/') != out.tenant.npos) return {};
    return out;
}

struct Login {
    std::string user, password;
};
std::optional<Login> login_of(http::Request const& request) {
    constexpr std::string_view scheme = "basic ";   // in any case (RFC 7235 2.1)
    auto const header = request.headers.get("Authorization");
    if (!header || !same_word(header->substr(0, scheme.size()), scheme)) return {};
    auto const plain = unbase64(header->substr(scheme.size()));
    if (!plain) return {};
    auto const colon = plain->find(':');
    if (colon == plain->npos) return {};
    return Login{plain->substr(0, colon), plain->substr(colon + 1)};
}

/// Only the form `Status=completed` or `Status=canceled`, with other fields refused.
bool asks_to_hang_up(http::Request const& request) {
    auto const type = request.headers.get("Content-Type").value_or("");
    auto const form = same_word(trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded");   // in any case (RFC 9110 8.3.1)
    if (!form || request.body.size() > body_bytes_max) return false;
    return request.body == "Status=completed" || request.body == "Status=canceled";
}

http::Response said_as_twilio(http::Response const& answer, Place const& place) {
    if (answer.status == 202)
        return http::json_response(200, json::object{{"sid", place.call}, {"account_sid", place.tenant}, {"status", "completed"}});
    if (answer.status == 401) return unknown_caller();
    if (answer.status == 429) {
        auto out = problem(429, 20429, "Too Many Requests");
        out.headers.set("Retry-After", std::string{answer.headers.get("Retry-After").value_or("1")});
        return out;
    }
    if (answer.status == 403) return problem(403, 20403, "Forbidden");
    if (answer.status >= 500) return problem(answer.status, 20500, "An internal server error has occurred");
    return not_found();
}

}  // namespace

Task<http::Response> twilio_hangup(Api& api, http::Request& request) {
    auto const place = place_of(request.path);
    if (!place || request.method != "POST") co_return not_found();
    auto const login = login_of(request);
    if (!login) co_return unknown_caller();
    http::Request inner{.method = "POST", .path = "/v1/calls/" + std::string{place->call} + "/actions/hangup"};
    inner.headers.set("X-API-Key", login->password);
    inner.headers.set("Content-Type", "application/json");
    inner.body = R"({"reason":"normal"})";
    inner.remote = request.remote;
    inner.id = request.id;
    auto const tenant = co_await api.tenant_of(inner);
    if (!tenant && tenant.error().code == Errc::limit) co_return said_as_twilio({.status = 429}, *place);
    if (!tenant || tenant->str() != place->tenant || login->user != place->tenant) co_return unknown_caller();
    if (!asks_to_hang_up(request)) co_return problem(400, 20001, "Unsupported parameter");
    co_return said_as_twilio(co_await api.handle(inner), *place);
}

}  // namespace boni::api
