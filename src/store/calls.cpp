#include "store/chain.hpp"
#include "store/database.hpp"
#include "store/metering.hpp"
#include "store/outbox.hpp"
#include "store/page.hpp"
#include "store/requests.hpp"
#include "store/timeline.hpp"

namespace boni::store {

namespace {

/// A call's row and, while it lives, what is known of its leg: its record has it even when this process does not end the call.
struct CallRow {
    model::Call call;
    std::optional<json::object> leg;
};
template <class V>
void fields(V& v, CallRow& r) {
    fields(v, r.call), v("leg_json", r.leg);
}

/// A status only moves forward (a trigger guards it as well), and becomes terminal with the event that tells it. What else is told of a call that
/// has ended or is about to, such as its recording, moves the sequence of its events and nothing more.
Result<> save(Session& db, model::Call call, json::object const& leg, bool ends) {
    if (model::terminal(call.status) && !ends &&
        db.run("UPDATE calls SET event_sequence = MAX(event_sequence, :sequence) WHERE id = :id", call.event_sequence, call.id) > 0)
        return {};
    static auto const upsert = upsert_into<CallRow>("calls", "id", {"tenant_id", "number_id", "channel", "started_at", "leg_json"}) +
                               ", leg_json = COALESCE(excluded.leg_json, calls.leg_json)" +
                               " WHERE calls.stage < 3 AND calls.stage <= excluded.stage";
    CallRow row{call, {}};
    if (!leg.empty() && !model::terminal(call.status)) row.leg = leg;
    if (db.run_cells(upsert, cells_for(std::move(row))) > 0) return {};
    return fail(Errc::conflict, "call " + call.id.str() + " is further than " + std::string{name(call.status)}, {}, "call_not_active");
}

void save(Session& db, model::Action action) {
    static auto const upsert = upsert_into<model::Action>("actions", "id", {"call_id", "tenant_id", "created_at"}) +
                               " WHERE actions.status NOT IN ('completed', 'failed')";
    db.run_cells(upsert, cells_for(std::move(action)));
}

void save(Session& db, model::Recording recording) {
    static auto const upsert = upsert_into<model::Recording>("recordings", "id", {"tenant_id", "call_id", "created_at"});
    db.run_cells(upsert, cells_for(std::move(recording)));
}

bool ends_a_call(model::Event const& event) { return event.type == "call.no_answer" || event.type == "call.completed" || event.type == "call.failed"; }

Result<> apply(Session& db, Commit const& commit) {
    auto const ends = std::ranges::any_of(commit.events, ends_a_call);
    if (commit.call) CHECK_OK(save(db, *commit.call, commit.leg, ends));
    for (auto const& event : commit.events) {
        if (commit.only_endpoint.empty()) add_event(db, event, {commit.route_endpoint, commit.route_events, commit.also_endpoint});
        else add_test_event(db, event, commit.only_endpoint);
    }
    for (auto const& row : commit.rows) add_row(db, commit.timeline_of, row);
    for (auto const& action : commit.actions) save(db, action);
    if (commit.recording) save(db, *commit.recording);
    if (commit.call && ends) append_leg(db, *commit.call, commit.leg);
    for (auto const& metered : commit.metered)
        meter(db, {commit.call->tenant, commit.call->id.str(), commit.call->started_at}, metered, system_clock().now());
    if (commit.finished) finish(db, *commit.finished, system_clock().now());
    return {};
}

}  // namespace

Task<Result<>> Store::commit(Commit commit) {
    auto const soon = commit.soon;
    auto work = [commit = std::move(commit)](Session& db) { return apply(db, commit); };
    return soon ? database_->write_soon(std::move(work)) : database_->write(std::move(work));
}

void Store::write(Commit commit) {
    auto what = commit.timeline_of.empty() ? std::string{"commit"} : commit.timeline_of.str();
    database_->post_write(std::move(what), [commit = std::move(commit)](Session& db) { return apply(db, commit); });
}

Task<Result<model::Call>> Store::call(TenantId tenant, CallId id) {
    return database_->look([tenant, id](Session& db) {
        return found(db.one_from<model::Call>("calls WHERE id = :id AND tenant_id = :tenant", id, tenant), "call");
    });
}

Task<Result<std::vector<model::Call>>> Store::calls(CallFilter filter) {
    return database_->read([filter = std::move(filter)](Session& db) -> Result<std::vector<model::Call>> {
        Page page{select_from<model::Call>("calls")};
        page.where("tenant_id = :tenant", filter.tenant);
        if (filter.from) page.where("started_at >= :from", *filter.from);
        if (filter.until) page.where("started_at < :until", *filter.until);
        if (filter.status) page.where("status = :status", *filter.status);
        if (filter.direction) page.where("direction = :direction", *filter.direction);
        if (filter.channel && filter.number) page.where("channel = :channel", *filter.channel);   // the number finds the rows: it has fewer
        else if (filter.channel) page.where_word("channel", *filter.channel);
        if (filter.number) page.where("number_id = :number", *filter.number);
        return page.read<model::Call>(db, "started_at", filter.after, filter.limit);
    });
}

Task<Result<>> Store::save_ladder(CallId id, std::string json) {
    return database_->write_soon([id, json = std::move(json)](Session& db) -> Result<> {
        db.run("INSERT OR REPLACE INTO ladders (call_id, messages_json) VALUES (:call, :messages)", id, json);
        return {};
    });
}

Task<Result<std::string>> Store::ladder(CallId id) {
    return database_->read([id](Session& db) -> Result<std::string> {
        auto messages = db.one<std::string>("SELECT messages_json FROM ladders WHERE call_id = :call", id);
        if (!messages) return fail(Errc::not_found, "the call has no SIP messages");
        return *std::move(messages);
    });
}

}  // namespace boni::store
