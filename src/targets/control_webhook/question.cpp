#include "targets/control_webhook/question.hpp"

#include "base/crypto.hpp"
#include "call/events.hpp"

namespace boni::targets::control_webhook {
namespace {

constexpr std::size_t x_header_bytes_max = 512;
constexpr std::size_t x_headers_max = 16;

json::object sip_of(sip::Incoming const& incoming) {
    json::object out{{"callId", incoming.call_id}};
    if (!incoming.calling.display_name.empty()) out["displayName"] = call::events::cut(incoming.calling.display_name);
    auto& diversion = out["diversion"].emplace_array();
    for (auto const& value : incoming.diversion) diversion.emplace_back(call::events::cut(value));
    if (!incoming.asserted_identity.empty()) out["pAssertedIdentity"] = call::events::cut(incoming.asserted_identity);
    auto& headers = out["headers"].emplace_object();
    for (auto const& [name, value] : incoming.x_headers)
        if (headers.size() < x_headers_max) headers[name] = call::events::cut(value, x_header_bytes_max);
    return out;
}

/// W3C trace context: the trace is the call's, the span the attempt's, both derived so that every part of the platform agrees.
std::string traceparent(CallId const& call, DecisionId const& decision, int attempt) {
    auto const trace = sha256_hex(call.str()).substr(0, 32);
    auto const span = sha256_hex(decision.str() + std::to_string(attempt)).substr(0, 16);
    return "00-" + trace + '-' + span + "-01";
}

std::string signature(std::vector<Secret> const& keys, long long timestamp, std::string const& body) {
    std::string out;
    auto const signed_text = std::to_string(timestamp) + '.' + body;
    for (auto const& key : keys) out += (out.empty() ? "v1=" : ",v1=") + hex(hmac_sha256(key.reveal(), signed_text));
    return out;
}

}  // namespace

std::string body_of(Question const& question, call::Call const& call, std::chrono::milliseconds budget) {
    json::object data{{"kind", "control.request"},
                      {"phase", question.phase},
                      {"sequence", question.sequence},
                      {"deadlineMs", budget.count()},
                      {"call", model::to_json(call.row())},
                      {"numberId", call.row().number.str()},
                      {"routeId", call.row().route.str()},
                      {"targetIndex", question.target_index},
                      {"metadata", call.row().metadata},
                      {"sip", sip_of(call.incoming())},
                      {"last", question.last}};
    return json::serialize(json::object{{"event_id", question.id.str()},
                                        {"event_type", "call.inbound.received"},
                                        {"timestamp", unix_seconds(call.services().clock.now())},
                                        {"data", std::move(data)}});
}

Task<Result<std::vector<Secret>>> signing_keys(call::Call& call) {
    auto& services = call.services();
    auto const master = services.master_key.reveal();
    std::vector<Secret> keys;
    auto const endpoint_id = call.route() ? call.route()->webhook_endpoint() : EndpointId{};
    if (endpoint_id.empty()) {
        CO_TRY(auto raw, unseal(master, call.tenant().control_secret, call.tenant().id.str()));
        keys.emplace_back(std::move(raw));
        co_return keys;
    }
    CO_TRY(auto const endpoint, co_await services.store.endpoint(call.tenant().id, endpoint_id));
    CO_TRY(auto active, unseal(master, endpoint.secret, endpoint.id.str()));
    keys.emplace_back(std::move(active));
    auto const overlap = endpoint.previous_until && *endpoint.previous_until > services.clock.now();
    if (overlap && !endpoint.single_signature && !endpoint.previous_secret.empty()) {
        CO_TRY(auto previous, unseal(master, endpoint.previous_secret, endpoint.id.str()));
        keys.emplace_back(std::move(previous));
    }
    co_return keys;
}

Headers headers_of(Question const& question, CallId const& call, std::string const& body, std::vector<Secret> const& keys, int attempt,
                   std::chrono::milliseconds left, Instant now) {
    auto const timestamp = unix_seconds(now);
    return {{"Content-Type", "application/json"},
            {"Accept", "application/json"},
            {"User-Agent", "Boni-Voice/0.1.0"},
            {"X-Boni-Event-Id", question.id.str()},
            {"X-Boni-Timestamp", std::to_string(timestamp)},
            {"X-Boni-Signature-Version", "v1"},
            {"X-Boni-Signature", signature(keys, timestamp, body)},
            {"X-Boni-Attempt", std::to_string(attempt)},
            {"X-Boni-Deadline-Ms", std::to_string(left.count())},
            {"traceparent", traceparent(call, question.id, attempt)}};
}

}  // namespace boni::targets::control_webhook
