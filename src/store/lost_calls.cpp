// What a node that died left behind: its live calls end as `node_lost` (events-and-webhooks 2, invariant W10).
#include <cmath>

#include "model/call_event.hpp"
#include "store/chain.hpp"
#include "store/database.hpp"
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

/// What was told of a call's streams.
struct StreamTold {
    std::string type;
    std::string body;
};
template <class V>
void fields(V& v, StreamTold& t) {
    v("type", t.type), v("body", t.body);
}

/// A stream whose end nobody told. It was open since `since`; none: it was about to be.
struct LostStream {
    std::string id;
    std::string action;                                // that asked for it; empty: a target
    std::optional<Instant> since;
};
struct LostStreams {
    std::vector<LostStream> open;                      // in the order of their start
    std::int64_t seconds_of_ended = 0;                 // whole ones of each of the others
};

std::int64_t seconds_of(json::object const& stopped) {
    auto const* const seconds = json::find(stopped, "durationSeconds");
    return seconds && seconds->is_number() ? std::int64_t(std::ceil(seconds->to_number<double>())) : 0;
}

LostStreams lost_streams(Session& db, CallId const& call) {
    LostStreams out;
    std::vector<std::string> ended;
    auto const told = db.all<StreamTold>("SELECT type, body FROM events WHERE call_id = :call AND type IN ('stream.started', 'stream.stopped') "
                                         "AND body IS NOT NULL ORDER BY sequence", call);
    for (auto const& [type, body] : told) {
        auto const event = json::parse(body);
        auto const* const data = event && event->is_object() ? json::object_at(event->get_object(), "data") : nullptr;
        if (!data) continue;
        auto id = json::text_or_empty(*data, "streamId");
        if (type == "stream.started") {
            auto const at = from_rfc3339(json::text_or_empty(*data, "occurredAt"));
            out.open.push_back({std::move(id), json::text_or_empty(*data, "actionId"), at ? std::optional{*at} : std::nullopt});
        } else {
            std::erase_if(out.open, [&](LostStream const& one) { return one.id == id; });
            out.seconds_of_ended += seconds_of(*data);
            ended.push_back(std::move(id));
        }
    }
    static auto const opening = select_from<model::Action>("actions WHERE call_id = :call AND name = 'stream_start' AND status NOT IN "
                                                           "('completed', 'failed') ORDER BY created_at, id");
    for (auto const& action : db.all<model::Action>(opening, call)) {
        auto const id = action.stream.str();
        if (!id.empty() && std::ranges::find(ended, id) == ended.end() && std::ranges::find(out.open, id, &LostStream::id) == out.open.end())
            out.open.push_back({id, action.id.str(), {}});
    }
    return out;
}

/// Who its action named is told as well, as it was of the start.
EndpointId callback_of(Session& db, LostStream const& stream) {
    auto const action = db.one_from<model::Action>("actions WHERE id = :id", stream.action);
    return action ? EndpointId::from(json::text_or_empty(action->request, "statusCallbackWebhookEndpointId")) : EndpointId{};
}

/// Its process counted what it sent and played, and took that with it.
json::object stopped(LostStream const& stream, double seconds) {
    json::object out{{"streamId", stream.id}};
    if (!stream.action.empty()) out["actionId"] = stream.action;
    out["reason"] = stream.since ? "connection_lost" : "connect_failed";
    out["durationSeconds"] = seconds;
    for (auto const* const unknown : {"reconnects", "framesSent", "framesDropped", "bytesPlayed"}) out[unknown] = 0;
    return out;
}

/// They end with the call, and are told before its end.
void stop_streams(Session& db, model::Call& call, RouteRecipient route, Instant now, std::vector<model::Event>& events) {
    auto const streams = lost_streams(db, call.id);
    auto seconds_of_all = streams.seconds_of_ended;
    for (auto const& stream : streams.open) {
        auto const ms = stream.since ? std::max<std::int64_t>(unix_ms(*call.ended_at) - unix_ms(*stream.since), 0) : 0;
        seconds_of_all += (ms + 999) / 1000;
        ++call.event_sequence;
        auto const detail = stopped(stream, double(ms) / 1000);
        auto data = model::event_fields(call);
        json::merge(data, detail);
        events.push_back(model::make_event(call.tenant, "stream.stopped", std::move(data), now));
        route.also = callback_of(db, stream);
        add_event(db, events.back(), route);
        tell_end(db, call, now, "stream.stopped", detail);
    }
    if (!streams.open.empty()) meter(db, {call.tenant, call.id.str(), call.started_at}, {"media_stream_minutes", seconds_of_all}, now);
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
    auto const last = db.one<std::int64_t>("SELECT COALESCE(MAX(sequence), 0) FROM events WHERE call_id = :call", call.id).value_or(0);
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
