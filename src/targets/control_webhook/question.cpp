#include "targets/control_webhook/question.hpp"

#include "base/signature.hpp"
#include "base/version.hpp"
#include "call/events.hpp"
#include "model/trace.hpp"

namespace boni::targets::control_webhook {
namespace {

constexpr std::size_t x_header_bytes_max = 512;
constexpr std::size_t x_headers_max = 16;

json::object sip_of(sip::Incoming const& incoming) {
    json::object out{{"callId", incoming.call_id}};
    if (!incoming.calling.display_name.empty()) out["displayName"] = call::events::cut(incoming.calling.display_name);
    auto& diversion = out["diversion"].emplace_array();
    for (auto const& one : incoming.diversions) diversion.emplace_back(call::events::cut(one.party.restricted ? one.party.value : one.raw));
    if (!incoming.asserted_identity.empty()) out["pAssertedIdentity"] = call::events::cut(incoming.asserted_identity);
    auto& headers = out["headers"].emplace_object();
    for (auto const& [name, value] : incoming.x_headers)
        if (headers.size() < x_headers_max) headers[name] = call::events::cut(value, x_header_bytes_max);
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

Headers headers_of(Question const& question, CallId const& call, std::string const& body, std::vector<Secret> const& keys, int attempt,
                   std::chrono::milliseconds left, Instant now) {
    auto const timestamp = unix_seconds(now);
    return {{"Content-Type", "application/json"},
            {"Accept", "application/json"},
            {"User-Agent", user_agent()},
            {"X-Boni-Event-Id", question.id.str()},
            {"X-Boni-Timestamp", std::to_string(timestamp)},
            {"X-Boni-Signature-Version", "v1"},
            {"X-Boni-Signature", signature(keys, timestamp, body)},
            {"X-Boni-Attempt", std::to_string(attempt)},
            {"X-Boni-Deadline-Ms", std::to_string(left.count())},
            {"traceparent", model::traceparent(call, question.id.str() + std::to_string(attempt))}};
}

}  // namespace boni::targets::control_webhook
