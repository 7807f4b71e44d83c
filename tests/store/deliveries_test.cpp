#include "store/session.hpp"
#include "support/deliveries_stage.hpp"

using namespace boni;
using model::CallStatus;
using model::DeliveryStatus;
using test::DeliveriesStage;
using test::start;
using test::step;

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

TEST_CASE("a result and the switching off that it is the reason for are written together or not at all") {
    DeliveriesStage db;
    auto const hook = db.endpoint("https://a.example.com/", {"call.completed"});
    for (int i = 0; i < 2; ++i) {
        auto call = test::call_row(db.tenant, start);
        db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    }
    auto const due = db.lease(hook.id, start, 1)[0];
    store::AttemptResult result{.delivery = due.delivery.id, .number = 1, .started_at = start, .took = 20ms};
    result.outcome = DeliveryStatus::failed;
    result.error = "gone";
    store::SwitchOff const breaks{start, [](store::EndpointHealth const&) -> std::string { throw std::runtime_error{"no disk"}; }};
    CHECK_FALSE(db.run(db->finish_attempts({result}, breaks)));
    CHECK(db.delivery(due.delivery.id).attempt_count == 0);
    CHECK(db.count(DeliveryStatus::pending) == 2);

    store::SwitchOff const off{start, [](store::EndpointHealth const&) -> std::string { return "gone"; }};
    CHECK(db.ok(db->finish_attempts({result}, off)).at(0).switched_off == "gone");
    CHECK(db.delivery(due.delivery.id).last_error == "gone");
    CHECK(db.count(DeliveryStatus::failed) == 2);
    CHECK(db.ok(db->endpoint(db.tenant.id, hook.id)).disabled_reason == "gone");
    CHECK(db.ok(db->finish_attempts({result}, {start, [](auto const&) -> std::string { return "failing"; }})).at(0).switched_off.empty());
    CHECK(db.ok(db->endpoint(db.tenant.id, hook.id)).disabled_reason == "gone");   // the first reason stays
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
    db.switch_off(hook.id, "operator", start);
    CHECK(db.token(db->replay(db.tenant.id, id, start)) == "endpoint_disabled");
    db.ok(db->prune(start + std::chrono::days{61}));
    CHECK(db.token(db->replay(db.tenant.id, id, start)) == "not_found");
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
