#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;
using model::CallStatus;
using model::DeliveryStatus;
using test::step;

namespace {

using test::start;

struct DeliveriesStage : test::TempStore {
    DeliveriesStage() { ok(store->create_tenant(tenant)); }

    model::WebhookEndpoint endpoint(std::string url, std::vector<std::string> events) {
        return ok(store->upsert_endpoint(test::endpoint_row(tenant, std::move(url), std::move(events), start), 10)).endpoint;
    }
    std::vector<store::DueDelivery> lease(EndpointId const& id, Instant now, std::size_t count = 10, bool replays = false) {
        return ok(store->lease_due(now, now + 30s, {{id, replays, count}}));
    }
    void finish(store::DueDelivery const& due, Instant now, DeliveryStatus outcome, std::optional<Instant> next = {}) {
        store::AttemptResult result{.delivery = due.delivery.id, .number = due.delivery.attempt_count + 1, .started_at = now, .took = 20ms};
        result.outcome = outcome;
        result.status = outcome == DeliveryStatus::delivered ? 200 : 500;
        if (outcome != DeliveryStatus::delivered) result.error = "http_500";
        result.due_at = next;
        result.signature_timestamp = unix_seconds(now);
        result.signature = "v1=00";
        health = ok(store->finish_attempts({result}));
    }
    model::Delivery delivery(DeliveryId const& id) { return ok(store->delivery(tenant.id, id)); }
    std::size_t count(DeliveryStatus status) { return ok(store->deliveries({.tenant = tenant.id, .status = status, .limit = 100})).size(); }

    model::Tenant tenant = test::tenant_row("demo", start);
    std::vector<store::EndpointHealth> health;
};

}  // namespace

TEST_CASE("recipients are fixed at the commit: subscribers, the route's endpoint, never twice, never one that is off") {
    DeliveriesStage db;
    auto const all = db.endpoint("https://a.example.com/", {"call.completed", "call.answered"});
    auto const routed = db.endpoint("https://b.example.com/", {"number.activated"});
    auto off = db.endpoint("https://c.example.com/", {"call.completed"});
    off.enabled = false;
    db.ok(db->upsert_endpoint(off, 10));
    auto call = test::call_row(db.tenant, start);

    auto answered = step(call, CallStatus::answered, "call.answered", start);
    answered.route_endpoint = all.id;                    // subscribed and routed: one delivery
    db.ok(db->commit(answered));
    CHECK(db.count(DeliveryStatus::pending) == 1);
    auto ended = step(call, CallStatus::completed, "call.completed", start + 1s);
    ended.route_endpoint = routed.id;                    // no list: every call.* type
    db.ok(db->commit(ended));
    CHECK(db.count(DeliveryStatus::pending) == 3);
    auto recording = step(call, CallStatus::completed, "recording.available", start + 2s);
    recording.route_endpoint = routed.id;
    recording.route_events = {{"call.completed"}};
    db.ok(db->commit(recording));
    CHECK(db.count(DeliveryStatus::pending) == 3);
    CHECK(db.lease(routed.id, start + 3s).size() == 1);
    CHECK(db.lease(off.id, start + 3s).empty());
}

TEST_CASE("a test event goes to its endpoint alone and takes no sequence of the sample call") {
    DeliveriesStage db;
    auto const one = db.endpoint("https://a.example.com/", {"number.activated"});
    db.endpoint("https://b.example.com/", {"call.completed"});
    for (int i = 0; i < 2; ++i) {
        store::Commit commit;
        commit.only_endpoint = one.id;
        commit.events = {model::make_event(db.tenant.id, "call.completed", {{"callId", "call_sample"}, {"sequence", 4}, {"test", true}}, start)};
        db.ok(db->commit(commit));
    }
    CHECK(db.count(DeliveryStatus::pending) == 2);
    CHECK(db.lease(one.id, start, 10, true).size() == 2);   // somebody waits for it, as for a replay
}

TEST_CASE("first attempts of one call go in sequence, one at a time; a retry blocks nothing") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.ringing", "call.answered", "call.completed"});
    auto call = test::call_row(db.tenant, start);
    auto other = test::call_row(db.tenant, start);
    db.ok(db->commit(step(call, CallStatus::ringing, "call.ringing", start)));
    db.ok(db->commit(step(call, CallStatus::answered, "call.answered", start)));
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    db.ok(db->commit(step(other, CallStatus::ringing, "call.ringing", start)));

    auto leased = db.lease(hook.id, start);
    REQUIRE(leased.size() == 2);                         // the first of each call
    CHECK(db.lease(hook.id, start).empty());
    auto const first = leased[leased[0].delivery.call == call.id ? 0 : 1];
    CHECK(first.delivery.sequence == 1);
    db.finish(first, start, DeliveryStatus::pending, start + 5s);
    leased = db.lease(hook.id, start);
    REQUIRE(leased.size() == 1);
    CHECK(leased[0].delivery.sequence == 2);
    db.finish(leased[0], start, DeliveryStatus::delivered);
    leased = db.lease(hook.id, start + 6s);              // the retry and the third event, side by side
    REQUIRE(leased.size() == 2);
    CHECK(leased[0].body.starts_with(R"({"event_id":")"));
}

TEST_CASE("an attempt is counted once, and the body stays the same bytes") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed"});
    auto call = test::call_row(db.tenant, start);
    auto commit = step(call, CallStatus::completed, "call.completed", start);
    auto const body = commit.events[0].body;
    db.ok(db->commit(commit));
    auto const due = db.lease(hook.id, start)[0];
    CHECK(due.body == body);
    CHECK(due.endpoint.url == hook.url);
    db.finish(due, start, DeliveryStatus::pending, start + 5s);
    db.finish(due, start, DeliveryStatus::pending, start + 50s);   // a result that comes twice
    auto const row = db.delivery(due.delivery.id);
    CHECK(row.attempt_count == 1);
    CHECK(row.due_at == start + 5s);
    CHECK(row.last_status == 500);
    CHECK(row.last_error == "http_500");
    CHECK(row.signature == "v1=00");
    CHECK(row.first_attempt_at == start);
    CHECK(!row.lease_until);
    CHECK(db.health[0].failures == 1);
    CHECK(db.lease(hook.id, start + 4s).empty());
    auto const again = db.lease(hook.id, start + 5s);
    REQUIRE(again.size() == 1);
    CHECK(again[0].body == body);
    db.finish(again[0], start + 5s, DeliveryStatus::delivered);
    CHECK(db.delivery(due.delivery.id).status == DeliveryStatus::delivered);
    CHECK(db.health[0].failures == 0);
    CHECK(db.health[0].last_success_at == start + 5s + 20ms);
}

TEST_CASE("due endpoints are found, leases expire, a deferral spends no attempt") {
    DeliveriesStage db;
    auto const a = db.endpoint("https://a.example.com/", {"call.completed"});
    auto const b = db.endpoint("https://b.example.com/", {"call.completed"});
    auto call = test::call_row(db.tenant, start);
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    CHECK(db.ok(db->due_endpoints(start - 1s)).empty());
    CHECK(db.ok(db->due_endpoints(start)).size() == 2);
    auto const leased = db.lease(a.id, start);
    auto const due = db.ok(db->due_endpoints(start));
    REQUIRE(due.size() == 1);
    CHECK(due[0].endpoint == b.id);
    CHECK(due[0].tenant == db.tenant.id);
    CHECK(!due[0].replays);
    CHECK(db.ok(db->queue_figures()).pending == 2);
    CHECK(db.ok(db->release_expired(start + 29s)) == 0);
    CHECK(db.ok(db->release_expired(start + 30s)) == 1);
    CHECK(db.ok(db->due_endpoints(start)).size() == 2);
    auto const id = leased[0].delivery.id;
    db.ok(db->defer({{a.id, false, start + 60s}}, start));
    CHECK(db.delivery(id).attempt_count == 0);
    CHECK(db.delivery(id).due_at == start + 60s);
    CHECK(db.ok(db->queue_figures()).oldest_due == start);
}

TEST_CASE("what is due later than the schedule ever has it wait is brought forward, by its step") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed"});
    for (int i = 0; i < 3; ++i) {
        auto call = test::call_row(db.tenant, start);
        db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    }
    auto const failed = db.lease(hook.id, start);
    REQUIRE(failed.size() == 3);
    db.finish(failed[0], start, DeliveryStatus::pending, start + 1h);
    db.finish(failed[1], start, DeliveryStatus::pending, start + 1min);
    db.ok(db->release_expired(start + 1h));
    CHECK_FALSE(db.ok(db->bring_forward({start - 5h, start + 2min})));   // all of them at once: no more is left
    CHECK(db.delivery(failed[0].delivery.id).due_at == start + 2min);
    CHECK(db.delivery(failed[1].delivery.id).due_at == start + 1min);
    CHECK(db.delivery(failed[2].delivery.id).due_at == start - 5h);
    CHECK(db.delivery(failed[2].delivery.id).attempt_count == 0);
}

TEST_CASE("a delivery is replayed by its state") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed"});
    auto call = test::call_row(db.tenant, start);
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    auto due = db.lease(hook.id, start)[0];
    auto const id = due.delivery.id;
    CHECK(db.token(db->replay(db.tenant.id, id, start)) == "delivery_in_progress");
    CHECK(db.token(db->replay(TenantId::from("ten_x"), id, start)) == "not_found");
    db.finish(due, start, DeliveryStatus::pending, start + 1h);
    db.ok(db->replay(db.tenant.id, id, start + 2s));
    db.ok(db->replay(db.tenant.id, id, start + 3s));     // idempotent
    CHECK(db.delivery(id).due_at == start + 2s);
    db.finish(db.lease(hook.id, start + 3s)[0], start + 3s, DeliveryStatus::delivered);

    db.ok(db->replay(db.tenant.id, id, start + 9s));
    auto row = db.delivery(id);
    CHECK(row.status == DeliveryStatus::pending);
    CHECK(row.attempt_count == 2);
    CHECK(row.schedule_step == 0);
    CHECK(row.replay);
    CHECK(db.lease(hook.id, start + 9s).empty());        // the slow lane only
    CHECK(db.ok(db->due_endpoints(start + 9s))[0].replays);
    due = db.lease(hook.id, start + 9s, 10, true)[0];
    db.finish(due, start + 9s, DeliveryStatus::failed);
    CHECK(db.delivery(id).attempt_count == 3);
    CHECK(db.count(DeliveryStatus::failed) == 1);

    db.ok(db->prune(start + std::chrono::days{31}));
    CHECK(db.token(db->replay(db.tenant.id, id, start)) == "payload_expired");
    db.ok(db->disable_endpoint(hook.id, "operator", start));
    CHECK(db.token(db->replay(db.tenant.id, id, start)) == "endpoint_disabled");
    db.ok(db->prune(start + std::chrono::days{61}));
    CHECK(db.token(db->replay(db.tenant.id, id, start)) == "not_found");
}

TEST_CASE("an endpoint is upserted by URL, counted against the plan, and takes its pending deliveries with it") {
    DeliveriesStage db;
    auto endpoint = test::endpoint_row(db.tenant, "https://a.example.com/", {"call.completed"}, start);
    endpoint.secret = std::string("\0sealed", 7);
    auto first = db.ok(db->upsert_endpoint(endpoint, 1));
    CHECK(first.created);
    CHECK(db.token(db->upsert_endpoint(test::endpoint_row(db.tenant, "https://b.example.com/", {}, start), 1)) == "plan_limit_reached");
    auto second = test::endpoint_row(db.tenant, endpoint.url, {"call.failed", "call.completed"}, start + 1s);
    auto const same = db.ok(db->upsert_endpoint(second, 1));
    CHECK(!same.created);
    CHECK(same.endpoint.id == endpoint.id);
    CHECK(same.endpoint.secret == endpoint.secret);
    CHECK(same.endpoint.events == second.events);
    CHECK(same.endpoint.updated_at == start + 1s);

    auto call = test::call_row(db.tenant, start);
    auto late = test::call_row(db.tenant, start);
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    db.ok(db->commit(step(late, CallStatus::completed, "call.completed", start)));
    auto const in_flight = db.lease(endpoint.id, start, 1)[0];
    db.ok(db->disable_endpoint(endpoint.id, "gone", start + 2s));
    CHECK(db.count(DeliveryStatus::failed) == 2);
    CHECK(db.delivery(in_flight.delivery.id).last_error == "endpoint_disabled");
    db.finish(in_flight, start + 2s, DeliveryStatus::delivered);   // it did arrive
    CHECK(db.delivery(in_flight.delivery.id).status == DeliveryStatus::delivered);
    CHECK(db.ok(db->endpoint(db.tenant.id, endpoint.id)).disabled_reason == "gone");

    db.ok(db->upsert_endpoint(second, 1));
    auto const on = db.ok(db->endpoint(db.tenant.id, endpoint.id));
    CHECK(on.enabled);
    CHECK(on.disabled_reason.empty());
    CHECK(!on.disabled_at);
    CHECK(db.count(DeliveryStatus::failed) == 1);        // stays failed until replayed
    db.ok(db->change_endpoint(db.tenant.id, endpoint.id, [](model::WebhookEndpoint& one) -> Result<> {
        one.single_signature = true;
        return {};
    }));
    CHECK(db.ok(db->endpoints(db.tenant.id))[0].single_signature);
    db.ok(db->delete_endpoint(db.tenant.id, endpoint.id, start));
    CHECK(db.token(db->endpoint(db.tenant.id, endpoint.id)) == "not_found");
}

TEST_CASE("what the operator changes of an endpoint undoes nothing of what its tenant saved meanwhile") {
    DeliveriesStage db;
    auto const read = db.endpoint("https://a.example.com/", {"call.completed"});   // by the operator
    auto saved = read;
    saved.events = {"call.failed"};
    saved.enabled = false;
    db.ok(db->upsert_endpoint(saved, 1));
    auto const changed = db.ok(db->change_endpoint(db.tenant.id, read.id, [](model::WebhookEndpoint& one) -> Result<> {
        one.single_signature = true;
        return {};
    }));
    CHECK(changed.events == saved.events);
    CHECK_FALSE(changed.enabled);
    CHECK(db.ok(db->endpoint(db.tenant.id, read.id)).single_signature);
    CHECK(db.token(db->change_endpoint(db.tenant.id, read.id, [](model::WebhookEndpoint& one) -> Result<> {
        one.single_signature = false;
        return fail(Errc::conflict, "no", {}, "rotation_in_progress");
    })) == "rotation_in_progress");
    CHECK(db.ok(db->endpoint(db.tenant.id, read.id)).single_signature);
    CHECK(db.token(db->change_endpoint(TenantId::from("ten_x"), read.id, [](model::WebhookEndpoint&) -> Result<> { return {}; })) == "not_found");
}

TEST_CASE("an endpoint that was removed while a route was on its way is named by none") {
    DeliveriesStage db;
    auto const gone = db.endpoint("https://a.example.com/", {"call.completed"});
    auto const events = json::object{{"webhookEndpointId", gone.id.str()}};
    auto number = test::number_row(db.tenant, "+918040000021", start), whatsapp = test::number_row(db.tenant, "+918050000023", start);
    whatsapp.type = model::NumberType::whatsapp_calling;
    for (auto const& one : {number, whatsapp}) db.ok(db->create_number(one));
    db.ok(db->delete_endpoint(db.tenant.id, gone.id, start));
    CHECK(db.token(db->save_route({.id = RouteId::fresh(start), .number = number.id, .tenant = db.tenant.id, .primary = {"hangup", {{"type", "hangup"}}},
                                   .events = events})) == "unknown_reference");
    CHECK_FALSE(db.ok(db->route(db.tenant.id, number.id)));
    CHECK(db.token(db->change_whatsapp(db.tenant.id, whatsapp.id, [&](store::WhatsAppChange& change) -> Result<> {
        change.known.calling.default_route = json::object{{"events", events}};
        return {};
    })) == "unknown_reference");
    CHECK_FALSE(db.ok(db->whatsapp_number(db.tenant.id, whatsapp.id)).calling.default_route);
}

TEST_CASE("an endpoint that is removed leaves the routes that name it, and no others") {
    DeliveriesStage db;
    auto const gone = db.endpoint("https://a.example.com/", {"call.completed"});
    auto const kept = db.endpoint("https://b.example.com/", {"call.completed"});
    auto const route_to = [&](std::string phone, EndpointId const& endpoint) {
        auto const number = test::number_row(db.tenant, std::move(phone), start);
        db.ok(db->create_number(number));
        db.ok(db->save_route({.id = RouteId::fresh(start), .number = number.id, .tenant = db.tenant.id, .primary = {"hangup", {{"type", "hangup"}}},
                              .events = json::object{{"webhookEndpointId", endpoint.str()}, {"subscribedEvents", json::array{"call.failed"}}}}));
        return number.id;
    };
    auto const left = route_to("+918040000021", gone.id), stays = route_to("+918040000022", kept.id);
    db.ok(db->delete_endpoint(db.tenant.id, gone.id, start));
    CHECK(db.ok(db->route(db.tenant.id, left))->events == json::object{{"subscribedEvents", json::array{"call.failed"}}});
    CHECK(db.ok(db->route(db.tenant.id, stays))->webhook_endpoint() == kept.id);
}

TEST_CASE("an endpoint that is removed leaves the route that waits for WhatsApp Calling") {
    DeliveriesStage db;
    auto const gone = db.endpoint("https://a.example.com/", {"call.completed"});
    auto number = test::number_row(db.tenant, "+918050000023", start);
    number.type = model::NumberType::whatsapp_calling;
    db.ok(db->create_number(number));
    json::object const told{{"webhookEndpointId", gone.id.str()}, {"subscribedEvents", json::array{"call.failed"}}};
    db.ok(db->change_whatsapp(db.tenant.id, number.id, [told](store::WhatsAppChange& change) -> Result<> {
        change.known.calling.default_route = json::object{{"events", told}};
        return {};
    }));
    db.ok(db->delete_endpoint(db.tenant.id, gone.id, start));
    auto const route = db.ok(db->whatsapp_number(db.tenant.id, number.id)).calling.default_route;
    CHECK(route == json::object{{"events", {{"subscribedEvents", json::array{"call.failed"}}}}});
}

TEST_CASE("deliveries are listed newest first by page, status, type and endpoint") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed", "call.answered"});
    for (int i = 0; i < 12; ++i) {
        auto call = test::call_row(db.tenant, start);
        db.ok(db->commit(step(call, CallStatus::answered, "call.answered", start + std::chrono::seconds{i})));
        db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start + std::chrono::seconds{i})));
    }
    store::DeliveryFilter filter{.tenant = db.tenant.id, .event_type = "call.completed", .endpoint = hook.id, .limit = 5};
    std::vector<model::Delivery> seen;
    for (auto page = db.ok(db->deliveries(filter)); !page.empty(); page = db.ok(db->deliveries(filter))) {
        seen.insert(seen.end(), page.begin(), page.end());
        filter.after = std::pair{page.back().created_at, page.back().id.str()};
    }
    CHECK(seen.size() == 12);
    CHECK(std::ranges::is_sorted(seen, std::greater{}, [](auto const& row) { return std::pair{row.created_at, row.id}; }));
}

TEST_CASE("pruning keeps what is young, what is pending and the calls themselves") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed"});
    auto call = test::call_row(db.tenant, start);
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    db.ok(db->save_ladder(call.id, "[]"));
    db.ok(db->finish_request({{db.tenant.id, "k", "f"}, {200, "{}"}}));
    db.ok(db->prune(boni::system_clock().now() + 23h));
    CHECK(db.ok(db->begin_request({db.tenant.id, "k", "f"}, start)));
    db.ok(db->prune(start + std::chrono::days{29}));
    CHECK(db.ok(db->ladder(call.id)) == "[]");
    db.ok(db->prune(start + std::chrono::days{90}));
    CHECK(db.count(DeliveryStatus::pending) == 1);
    CHECK(db.ok(db->timeline(call.id)).size() == 1);
    CHECK(db.token(db->ladder(call.id)) == "not_found");
    db.ok(db->prune(start + std::chrono::days{401}));
    CHECK(db.ok(db->timeline(call.id)).empty());
    CHECK(db.ok(db->call(db.tenant.id, call.id)).status == CallStatus::completed);
}

TEST_CASE("an event of no call goes with its body; those of a call stay as long as it does") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed"});
    auto call = test::call_row(db.tenant, start);
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    db.ok(db->commit({.events = {model::make_event(db.tenant.id, "number.activated", {}, start)}, .only_endpoint = hook.id}));
    auto const kept = [&] {
        store::Session session{db.folder.path / "boni.db", store::Session::Mode::reader};
        return session.all<std::string>("SELECT type FROM events ORDER BY type");
    };
    db.ok(db->prune(start + std::chrono::days{29}));
    CHECK(kept() == std::vector<std::string>{"call.completed", "number.activated"});
    db.ok(db->prune(start + std::chrono::days{31}));
    CHECK(kept() == std::vector<std::string>{"call.completed"});
    for (auto const replays : {false, true}) CHECK(db.lease(hook.id, start + std::chrono::days{31}, 10, replays).empty());
    for (auto const& one : db.ok(db->deliveries({.tenant = db.tenant.id, .limit = 10}))) CHECK(one.last_error == "payload_expired");
    db.ok(db->prune(start + std::chrono::days{801}));
    CHECK(kept().empty());
}

TEST_CASE("a filtered list finds its rows among many others at once") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed"});
    auto call = test::call_row(db.tenant, start);
    call.channel = model::Channel::whatsapp_calling;
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    {
        store::Session session{db.folder.path / "boni.db", store::Session::Mode::writer};
        std::string const many = " FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 200000) SELECT value FROM n)";
        session.run("INSERT INTO calls (id, tenant_id, number_id, route_id, direction, channel, caller, callee, status, started_at, hangup_cause, "
                    "hangup_by, sip_call_id, event_sequence, metadata_json, test) SELECT 'call_' || value, :tenant, 'num_2', '', 'inbound', 'pstn', "
                    "'', '', 'completed', :at + value, 'normal', 'caller', '', 0, '{}', 0" + many, db.tenant.id, start);
        session.run("INSERT INTO deliveries (id, event_id, event_type, endpoint_id, tenant_id, call_id, sequence, status, attempt_count, "
                    "schedule_step, last_error, signature, replay, created_at, updated_at) SELECT 'whd_' || value, 'evt_1', 'call.completed', :endpoint, "
                    ":tenant, '', 0, 'delivered', 1, 1, '', '', 0, :at + value, 0" + many, hook.id, db.tenant.id, start);
    }
    auto const soon = [](auto ask) {
        auto best = Steady::duration::max();
        for (auto i = 0; i < 5; ++i) {
            auto const begun = system_clock().steady();
            CHECK(ask().size() == 1);
            best = std::min(best, system_clock().steady() - begun);
        }
        return best < 30ms;
    };
    CHECK(soon([&] { return db.ok(db->calls({.tenant = db.tenant.id, .number = call.number, .limit = 20})); }));
    CHECK(soon([&] { return db.ok(db->calls({.tenant = db.tenant.id, .channel = call.channel, .limit = 20})); }));
    auto other = test::call_row(db.tenant, start);
    other.number = NumberId::from("num_1");
    db.ok(db->commit(step(other, CallStatus::completed, "call.answered", start)));
    CHECK(soon([&] { return db.ok(db->calls({.tenant = db.tenant.id, .channel = other.channel, .number = other.number, .limit = 20})); }));
    CHECK(soon([&] { return db.ok(db->calls({.tenant = db.tenant.id, .from = start, .channel = call.channel, .limit = 20})); }));
    CHECK(soon([&] { return db.ok(db->deliveries({.tenant = db.tenant.id, .status = DeliveryStatus::pending, .limit = 20})); }));
    CHECK(soon([&] { return std::vector{db.ok(db->queue_figures())}; }));
    db.finish(db.lease(hook.id, start).at(0), start, DeliveryStatus::failed);
    CHECK(soon([&] { return db.ok(db->deliveries({.tenant = db.tenant.id, .status = DeliveryStatus::failed, .limit = 20})); }));
}
