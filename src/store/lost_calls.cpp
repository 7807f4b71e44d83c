// What a node that died left behind: its live calls end as `node_lost` (events-and-webhooks 2, invariant W10).
#include "model/call_event.hpp"
#include "store/chain.hpp"
#include "store/database.hpp"
#include "store/lost_streams.hpp"
#include "store/metering.hpp"
#include "store/outbox.hpp"
#include "store/timeline.hpp"

namespace boni::store {

namespace {

constexpr int q850_network_failure = 41;             // api-semantics 10, row `node_lost`
constexpr auto goodbye_max = 1min;                   // longer than any stream takes to close behind its call

/// The last thing the dead process wrote: nobody knows better when it died. While a call is answered its use is written every minute.
constexpr auto select_last_sign =
    "SELECT MAX(COALESCE((SELECT created_at FROM events WHERE body IS NOT NULL ORDER BY created_at DESC LIMIT 1), 0), "
    "COALESCE((SELECT MAX(changed_at) FROM usage_months), 0), COALESCE((SELECT MAX(at) FROM timeline WHERE call_id IN "
    "(SELECT id FROM calls WHERE status IN ('received', 'ringing', 'answered'))), 0))";

void tell_end(Session& db, model::Call const& call, Instant now, std::string const& event, json::object detail) {
    detail["ms"] = unix_ms(now) - unix_ms(call.started_at);
    add_row(db, call.id, {now, event, std::move(detail)});
}

/// They end with the call, and are told before its end.
void stop_streams(Session& db, model::Call& call, RouteRecipient route, Instant now, std::vector<model::Event>& events) {
    auto const streams = lost_streams(db, call);
    for (auto const& stream : streams.open) {
        ++call.event_sequence;
        auto data = model::event_fields(call);
        json::merge(data, stream.stopped);
        events.push_back(model::make_event(call.tenant, "stream.stopped", std::move(data), now));
        route.also = stream.callback;
        add_event(db, events.back(), route);
        tell_end(db, call, now, "stream.stopped", stream.stopped);
    }
    if (!streams.open.empty()) meter(db, {call.tenant, call.id.str(), call.started_at}, {"media_stream_minutes", streams.seconds}, now);
}

/// "When the call ends, open actions become failed" (api-semantics 9).
void fail_open_actions(Session& db, model::Call const& call, Instant now) {
    static auto const select = select_from<model::Action>("actions WHERE call_id = :call AND status NOT IN ('completed', 'failed')");
    for (auto const& action : db.all<model::Action>(select, call.id)) {
        db.run("UPDATE actions SET status = 'failed', message = 'call_ended' WHERE id = :id", action.id);
        tell_end(db, call, now, "action.failed", {{"actionId", action.id.str()}, {"action", action.name}, {"message", "call_ended"}});
    }
}

/// Its last events may have been written without the row; the sequence goes on from whichever is further.
void go_on(Session& db, model::Call& call) {
    auto const last = db.one<std::int64_t>("SELECT COALESCE(MAX(sequence), 0) FROM events WHERE call_id = :call AND call_id <> ''", call.id).value_or(0);
    call.event_sequence = std::max(call.event_sequence, last);
}

RouteRecipient recipient_of(Session& db, model::Call const& call) {
    auto const route = db.one_from<model::Route>("routes WHERE number_id = :number", call.number);
    return route ? RouteRecipient{route->webhook_endpoint(), route->subscribed_events()} : RouteRecipient{};
}

/// Of calls that had just ended when their process died: a bot may say goodbye for a while longer than its caller.
void close_goodbyes(Session& db, Instant last_sign, Instant now, std::vector<model::Event>& events) {
    auto const ended = db.all<CallId>("SELECT call_id FROM events WHERE body IS NOT NULL AND created_at >= :since "
                                      "AND type IN ('call.completed', 'call.failed', 'call.no_answer') AND call_id <> ''", last_sign - goodbye_max);
    for (auto const& id : ended) {
        auto call = db.one_from<model::Call>("calls WHERE id = :id", id);
        if (!call || !call->ended_at) continue;
        go_on(db, *call);
        auto const told = events.size();
        stop_streams(db, *call, recipient_of(db, *call), now, events);
        if (events.size() > told) db.run("UPDATE calls SET event_sequence = :sequence WHERE id = :id", call->event_sequence, call->id);
    }
}

/// Nobody talked while there was no process: what a call lasted ends with `last_sign`, although it is told now.
void close(Session& db, model::Call call, Instant last_sign, Instant now, std::vector<model::Event>& events) {
    go_on(db, call);
    call.status = model::CallStatus::failed;
    call.ended_at = std::max(std::min(last_sign, now), call.answered_at.value_or(call.started_at));
    call.hangup_cause = "node_lost";
    call.hangup_by = "platform";
    auto const recipient = recipient_of(db, call);
    stop_streams(db, call, recipient, now, events);
    ++call.event_sequence;
    db.run("UPDATE calls SET status = :status, ended_at = :ended, hangup_cause = :cause, hangup_by = :by, event_sequence = :sequence "
           "WHERE id = :id", call.status, call.ended_at, call.hangup_cause, call.hangup_by, call.event_sequence, call.id);
    fail_open_actions(db, call, now);
    auto detail = model::end_fields(call);
    detail["q850"] = q850_network_failure;
    detail["error"] = "node_lost";
    auto data = model::event_fields(call);
    json::merge(data, detail);
    events.push_back(model::make_event(call.tenant, "call.failed", std::move(data), now));
    add_event(db, events.back(), recipient);
    tell_end(db, call, now, "call.failed", detail);
    append_leg(db, call, {});
}

}  // namespace

Task<Result<std::vector<model::Event>>> Store::close_lost_calls(Instant now) {
    return database_->write([now](Session& db) -> Result<std::vector<model::Event>> {
        auto calls = db.all_from<model::Call>("calls WHERE status IN ('received', 'ringing', 'answered')");
        auto const last_sign = db.one<Instant>(select_last_sign).value_or(now);
        std::vector<model::Event> events;
        close_goodbyes(db, std::min(last_sign, now), now, events);
        for (auto& call : calls) close(db, std::move(call), last_sign, now, events);
        return events;
    });
}

}  // namespace boni::store
