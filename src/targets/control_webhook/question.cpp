#include "targets/control_webhook/question.hpp"

#include "base/signature.hpp"
#include "base/version.hpp"
#include "call/events.hpp"
#include "model/trace.hpp"

namespace boni::targets::control_webhook {
namespace {

constexpr std::size_t x_header_bytes_max = 512;
constexpr std::size_t x_headers_max = 16;

/// Room for what the caller's network said, so that the whole question has at most 32 KiB (control-webhook 1): what does not fit is left out.
class Room {
  public:
    bool takes(json::value const& one) {
        auto const size = json::serialize(one).size() + 1;   // and the comma or colon behind it
        if (size > left_) return false;
        left_ -= size;
        return true;
    }

  private:
    std::size_t left_ = 20 * 1024;
};

json::object sip_of(sip::Incoming const& incoming) {
    Room room;
    json::object out;
    auto const add = [&](std::string_view name, std::string_view text) {
        if (json::value cut = json::string(call::events::cut(text)); !text.empty() && room.takes(cut)) out[name] = std::move(cut);
    };
    add("callId", incoming.call_id);
    add("displayName", incoming.calling.display_name);
    auto& diversion = out["diversion"].emplace_array();
    for (auto const& one : incoming.diversions) {
        json::value text = json::string(call::events::cut(one.party.restricted ? one.party.value : one.raw));
        if (room.takes(text)) diversion.push_back(std::move(text));
    }
    add("pAssertedIdentity", incoming.asserted_identity);
    auto& headers = out["headers"].emplace_object();
    for (auto const& [name, value] : incoming.x_headers) {
        json::value text = json::string(call::events::cut(value, x_header_bytes_max));
        if (headers.size() < x_headers_max && room.takes({name, text})) headers[name] = std::move(text);
    }
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
                   Instant now) {
    auto const timestamp = unix_seconds(now);
    return {{"Content-Type", "application/json"},
            {"Accept", "application/json"},
            {"User-Agent", user_agent()},
            {"X-Boni-Event-Id", question.id.str()},
            {"X-Boni-Timestamp", std::to_string(timestamp)},
            {"X-Boni-Signature-Version", "v1"},
            {"X-Boni-Signature", signature(keys, timestamp, body)},
            {"X-Boni-Attempt", std::to_string(attempt)},
            {"traceparent", model::traceparent(call, question.id.str() + std::to_string(attempt))}};
}

}  // namespace boni::targets::control_webhook
