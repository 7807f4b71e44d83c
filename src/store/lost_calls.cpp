// What a node that died left behind: its live calls end as `node_lost` (events-and-webhooks 2, invariant W10).
#include "store/chain.hpp"
#include "store/database.hpp"
#include "store/outbox.hpp"
#include "store/timeline.hpp"

namespace boni::store {

namespace {

constexpr int q850_network_failure = 41;             // api-semantics 10, row `node_lost`

/// The last thing the dead process wrote: nobody knows better when it died. While a call is answered its use is written every minute.
constexpr auto select_last_sign =
    "SELECT MAX(COALESCE((SELECT created_at FROM events WHERE body IS NOT NULL ORDER BY created_at DESC LIMIT 1), 0), "
    "COALESCE((SELECT MAX(changed_at) FROM usage_months), 0), COALESCE((SELECT MAX(at) FROM timeline WHERE call_id IN "
    "(SELECT id FROM calls WHERE status IN ('received', 'ringing', 'answered'))), 0))";

json::object failed_fields(model::Call const& call) {
    json::object data;
    data["callId"] = call.id.str();
    data["numberId"] = call.number.str();
    data["sequence"] = call.event_sequence;
    data["direction"] = name(call.direction);
    data["channel"] = name(call.channel);
    data["from"] = call.from;
    data["to"] = call.to;
    if (!call.metadata.empty()) data["metadata"] = call.metadata;
    return data;
}

json::object terminal_fields(model::Call const& call) {
    json::object out{{"final", true}, {"status", name(call.status)}, {"startedAt", rfc3339(call.started_at)}};
    if (call.answered_at) out["answeredAt"] = rfc3339(*call.answered_at);
    out["endedAt"] = rfc3339(*call.ended_at);
    out["durationSeconds"] = call.duration_seconds();
    out["hangupCause"] = call.hangup_cause;
    out["hangupBy"] = call.hangup_by;
    out["q850"] = q850_network_failure;
    out["error"] = "node_lost";
    return out;
}

RouteRecipient recipient_of(std::optional<model::Route> const& route) {
    if (!route) return {};
    RouteRecipient out{route->webhook_endpoint(), {}};
    auto const* const types = route->events ? json::array_at(*route->events, "subscribedEvents") : nullptr;
    if (!types) return out;
    out.events.emplace();
    for (auto const& type : *types)
        if (auto const* const text = type.if_string()) out.events->emplace_back(*text);
    return out;
}

void tell_end(Session& db, model::Call const& call, Instant now, std::string const& event, json::object detail) {
    detail["ms"] = unix_ms(now) - unix_ms(call.started_at);
    add_row(db, call.id, {now, event, std::move(detail)});
}

/// "When the call ends, open actions become failed" (api-semantics 9).
void fail_open_actions(Session& db, model::Call const& call, Instant now) {
    static auto const select = "SELECT " + columns<model::Action>() + " FROM actions WHERE call_id = :call AND status NOT IN ('completed', 'failed')";
    for (auto const& action : db.all<model::Action>(select, call.id)) {
        db.run("UPDATE actions SET status = 'failed', message = 'call_ended' WHERE id = :id", action.id);
        tell_end(db, call, now, "action.failed", {{"actionId", action.id.str()}, {"action", action.name}, {"message", "call_ended"}});
    }
}

/// Nobody talked while there was no process: what a call lasted ends with `last_sign`, although it is told now.
model::Event close(Session& db, model::Call call, Instant last_sign, Instant now) {
    static auto const select_route = "SELECT " + columns<model::Route>() + " FROM routes WHERE number_id = :number";
    auto const route = db.one<model::Route>(select_route, call.number);
    // Its last events may have been written without the row; the sequence goes on from whichever is further.
    auto const last = db.one<std::int64_t>("SELECT COALESCE(MAX(sequence), 0) FROM events WHERE call_id = :call", call.id).value_or(0);
    call.event_sequence = std::max(call.event_sequence, last) + 1;
    call.status = model::CallStatus::failed;
    call.ended_at = std::max(std::min(last_sign, now), call.answered_at.value_or(call.started_at));
    call.hangup_cause = "node_lost";
    call.hangup_by = "platform";
    db.run("UPDATE calls SET status = :status, ended_at = :ended, hangup_cause = :cause, hangup_by = :by, event_sequence = :sequence "
           "WHERE id = :id", call.status, call.ended_at, call.hangup_cause, call.hangup_by, call.event_sequence, call.id);
    fail_open_actions(db, call, now);
    auto const detail = terminal_fields(call);
    auto data = failed_fields(call);
    for (auto const& [key, value] : detail) data[key] = value;
    auto event = model::make_event(call.tenant, "call.failed", std::move(data), now);
    add_event(db, event, recipient_of(route));
    tell_end(db, call, now, "call.failed", detail);
    append_leg(db, call, {});
    return event;
}

}  // namespace

Task<Result<std::vector<model::Event>>> Store::close_lost_calls(Instant now) {
    return database_->write([now](Session& db) -> Result<std::vector<model::Event>> {
        static auto const select = "SELECT " + columns<model::Call>() + " FROM calls WHERE status IN ('received', 'ringing', 'answered')";
        auto calls = db.all<model::Call>(select);
        auto const last_sign = db.one<Instant>(select_last_sign).value_or(now);
        std::vector<model::Event> events;
        for (auto& call : calls) events.push_back(close(db, std::move(call), last_sign, now));
        return events;
    });
}

}  // namespace boni::store
