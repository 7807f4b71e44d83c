#include "call/record.hpp"

#include "base/log.hpp"
#include "model/call_event.hpp"

namespace boni::call {

Record::Record(Services& services, std::function<void(Seen const&)> const& observer, model::Call call, std::optional<model::Route> const& route)
    : row{std::move(call)}, services_{services}, made_at_{services.clock.now()}, made_at_steady_{services.clock.steady()}, observer_{observer} {
    if (!route) return;
    endpoint_ = route->webhook_endpoint();
    subscribed_ = route->subscribed_events();
}

Instant Record::now() const { return made_at_ + std::chrono::floor<std::chrono::microseconds>(services_.clock.steady() - made_at_steady_); }

void Record::add_event(store::Commit& commit, std::string type, json::object extra, json::object more) {
    ++row.event_sequence;
    auto data = model::event_fields(row);
    json::merge(data, extra);
    commit.events.push_back(model::make_event(row.tenant, type, std::move(data), services_.clock.now()));
    json::merge(extra, more);
    add_note(commit, std::move(type), std::move(extra));
}

void Record::add_note(store::Commit& commit, std::string event, json::object detail) {
    commit.rows.push_back({services_.clock.now(), std::move(event), timed(std::move(detail))});
}

Task<Result<>> Record::save(store::Commit commit) {
    auto const events = std::int64_t(commit.events.size());
    auto const last = row.event_sequence;
    auto const ends = model::terminal(row.status);
    commit.call = row;
    commit.route_endpoint = endpoint_;
    commit.route_events = subscribed_;
    commit.timeline_of = row.id;
    auto const told = observer_ ? std::optional{commit} : std::nullopt;
    auto done = co_await services_.store.commit(std::move(commit));
    if (!done) {
        if (row.event_sequence == last) row.event_sequence -= events;   // a later one in flight keeps its number
        log_error("call", "a commit failed: " + done.error().what, {{"call_id", row.id.str()}, {"tenant_id", row.tenant.str()}});
        co_return done;
    }
    stored_ = true;
    ended_ = ended_ || ends;
    if (told) tell(*told);
    co_return done;
}

void Record::note(std::string event, json::object detail, store::Commit with) {
    with.timeline_of = row.id;
    add_note(with, std::move(event), std::move(detail));
    tell(with);
    services_.store.write(std::move(with));
}

void Record::write_action(model::Action action, std::string event, json::object detail) {
    store::Commit with;
    with.actions.push_back(std::move(action));
    note(std::move(event), std::move(detail), std::move(with));
}

/// Answered time of the caller's leg (api-semantics 11); pulses and prices are the store's.
void Record::add_usage(store::Commit& commit) const {
    if (!row.answered_at) return;
    auto const ms = unix_ms(row.ended_at.value_or(now())) - unix_ms(*row.answered_at);
    auto const whatsapp = row.channel == model::Channel::whatsapp_calling;
    commit.metered.push_back({whatsapp ? "whatsapp_call_seconds" : "inbound_call_minutes", (ms + 999) / 1000});
}

void Record::write_usage(std::vector<model::Metered> more) {
    store::Commit commit;
    commit.call = row;
    commit.metered = std::move(more);
    add_usage(commit);
    services_.store.write(std::move(commit));
}

/// `ms` since the call came in, so that a timeline can be read without a calculator.
json::object Record::timed(json::object detail) const {
    detail["ms"] = unix_ms(now()) - unix_ms(row.started_at);
    return detail;
}

/// Each row once, with the event of the same commit that it tells.
void Record::tell(store::Commit const& commit) {
    if (!observer_) return;
    for (auto const& seen : commit.rows) {
        auto const event = std::ranges::find(commit.events, seen.event, &model::Event::type);
        observer_({.tenant = row.tenant, .call = row.id, .what = seen.event, .detail = seen.detail,
                   .envelope = event == commit.events.end() ? std::string{} : event->body, .at = seen.at});
    }
}

}  // namespace boni::call
