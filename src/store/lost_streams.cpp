#include "store/lost_streams.hpp"

#include <algorithm>
#include <cmath>

#include "store/nouns.hpp"

namespace boni::store {

namespace {

/// What was told of a call's streams.
struct StreamTold {
    std::string type;
    std::string body;
};
template <class V>
void fields(V& v, StreamTold& t) {
    v("type", t.type), v("body", t.body);
}

/// It was open since `since`; none: it was about to be.
struct Open {
    std::string id;
    std::string action;                              // that asked for it; empty: a target
    std::optional<Instant> since;
};

std::int64_t seconds_of(json::object const& stopped) {
    auto const* const seconds = json::find(stopped, "durationSeconds");
    return seconds && seconds->is_number() ? std::int64_t(std::ceil(seconds->to_number<double>())) : 0;
}

EndpointId callback_of(Session& db, Open const& stream) {
    auto const action = db.one_from<model::Action>("actions WHERE id = :id", stream.action);
    return action ? EndpointId::from(json::text_or_empty(action->request, "statusCallbackWebhookEndpointId")) : EndpointId{};
}

/// Its process counted what it sent and played, and took that with it.
json::object stopped(Open const& stream, double seconds) {
    json::object out{{"streamId", stream.id}};
    if (!stream.action.empty()) out["actionId"] = stream.action;
    out["reason"] = stream.since ? "connection_lost" : "connect_failed";
    out["durationSeconds"] = seconds;
    for (auto const* const unknown : {"reconnects", "framesSent", "framesDropped", "bytesPlayed"}) out[unknown] = 0;
    return out;
}

}  // namespace

LostStreams lost_streams(Session& db, model::Call const& call) {
    LostStreams out;
    std::vector<Open> open;
    std::vector<std::string> ended;
    // The empty id is excluded in words: without them the index of a call's events is not taken.
    auto const told = db.all<StreamTold>("SELECT type, body FROM events WHERE call_id = :call AND call_id <> '' "
                                         "AND type IN ('stream.started', 'stream.stopped') AND body IS NOT NULL ORDER BY sequence", call.id);
    for (auto const& [type, body] : told) {
        auto const event = json::parse(body);
        auto const* const data = event && event->is_object() ? json::object_at(event->get_object(), "data") : nullptr;
        if (!data) continue;
        auto id = json::text_or_empty(*data, "streamId");
        if (type == "stream.started") {
            auto const at = from_rfc3339(json::text_or_empty(*data, "occurredAt"));
            open.push_back({std::move(id), json::text_or_empty(*data, "actionId"), at ? std::optional{*at} : std::nullopt});
        } else {
            std::erase_if(open, [&](Open const& one) { return one.id == id; });
            out.seconds += seconds_of(*data);
            ended.push_back(std::move(id));
        }
    }
    static auto const opening = select_from<model::Action>("actions WHERE call_id = :call AND name = 'stream_start' AND status NOT IN "
                                                           "('completed', 'failed') ORDER BY created_at, id");
    for (auto const& action : db.all<model::Action>(opening, call.id)) {
        auto const id = action.stream.str();
        if (!id.empty() && std::ranges::find(ended, id) == ended.end() && std::ranges::find(open, id, &Open::id) == open.end())
            open.push_back({id, action.id.str(), {}});
    }
    for (auto const& stream : open) {
        auto const ms = stream.since ? std::max<std::int64_t>(unix_ms(*call.ended_at) - unix_ms(*stream.since), 0) : 0;
        out.seconds += (ms + 999) / 1000;
        out.open.push_back({stopped(stream, double(ms) / 1000), callback_of(db, stream)});
    }
    return out;
}

}  // namespace boni::store
