#include "store/session.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;
using model::CallStatus;
using test::step;

namespace {
using test::start;
}

TEST_CASE("a call is read back as it was written, also after a restart") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    db.ok(db->create_tenant(tenant));
    auto call = test::call_row(tenant, start);
    call.metadata = {{"vip", true}, {"note", "ünïcode"}};
    call.sip_call_id = "abc@host";
    db.ok(db->commit(step(call, CallStatus::ringing, "call.inbound.received", start)));
    call.answered_at = start + 2s;
    db.ok(db->commit(step(call, CallStatus::answered, "call.answered", start + 2s)));
    db.reopen();
    auto const read = db.ok(db->call(tenant.id, call.id));
    CHECK(read.status == CallStatus::answered);
    CHECK(read.answered_at == call.answered_at);
    CHECK(!read.ended_at);
    CHECK(read.metadata == call.metadata);
    CHECK(read.sip_call_id == "abc@host");
    CHECK(read.event_sequence == 2);
    CHECK(read.from == call.from);
    CHECK(db.token(db->call(TenantId::from("ten_other"), call.id)) == "not_found");
    auto const rows = db.ok(db->timeline(call.id));
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].event == "call.answered");
    CHECK(rows[1].at == start + 2s);
}

TEST_CASE("a status only moves forward and a terminal call never changes") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    auto call = test::call_row(tenant, start);
    db.ok(db->commit(step(call, CallStatus::answered, "call.answered", start)));
    auto back = call;
    CHECK(db.token(db->commit(step(back, CallStatus::ringing, "call.ringing", start))) == "call_not_active");
    call.hangup_cause = "normal";
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start + 5s)));

    auto again = call;
    again.hangup_cause = "busy";
    CHECK(db.token(db->commit(step(again, CallStatus::failed, "call.failed", start + 6s))) == "call_not_active");
    auto const read = db.ok(db->call(tenant.id, call.id));
    CHECK(read.status == CallStatus::completed);
    CHECK(read.hangup_cause == "normal");
    CHECK(db.ok(db->timeline(call.id)).size() == 2);     // what was refused left nothing behind
}

TEST_CASE("a second terminal event and a repeated sequence are refused") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    auto call = test::call_row(tenant, start);
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    auto twice = call;
    CHECK(db.token(db->commit(step(twice, CallStatus::completed, "call.completed", start))) == "call_not_active");
    auto repeated = call;
    --repeated.event_sequence;
    CHECK(db.token(db->commit(step(repeated, CallStatus::completed, "recording.available", start))) == "constraint");
    auto later = call;
    db.ok(db->commit(step(later, CallStatus::completed, "recording.available", start + 1s)));
    CHECK(db.ok(db->call(tenant.id, call.id)).event_sequence == 2);
    CHECK(db.ok(db->call(tenant.id, call.id)).ended_at == call.ended_at);
}

TEST_CASE("a call is terminal with its terminal event and not before, whatever else is told of its end") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    auto call = test::call_row(tenant, start);
    db.ok(db->commit(step(call, CallStatus::answered, "call.answered", start)));
    db.ok(db->commit(step(call, CallStatus::completed, "recording.available", start + 1s)));   // the terminal commit before it had failed
    CHECK(db.ok(db->call(tenant.id, call.id)).status == CallStatus::answered);
    CHECK(db.ok(db->call(tenant.id, call.id)).event_sequence == 2);
    CHECK(db.ok(db->close_lost_calls(start + 2s)).size() == 1);                                // so the next process finds it
}

TEST_CASE("pages go by start and id, and calls that come later shift none") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    std::vector<model::Call> calls;
    for (int i = 0; i < 25; ++i) {
        auto call = test::call_row(tenant, start + std::chrono::seconds{i / 2});   // two share each second
        if (i % 5 == 0) call.direction = model::Direction::outbound;
        db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start + 60s)));
        calls.push_back(call);
    }
    store::CallFilter filter{.tenant = tenant.id, .limit = 10};
    std::vector<std::string> seen;
    for (;;) {
        auto const page = db.ok(db->calls(filter));
        for (auto const& call : page) seen.push_back(call.id.str());
        if (page.size() < filter.limit) break;
        filter.after = std::pair{page.back().started_at, page.back().id.str()};
        auto newer = test::call_row(tenant, start + 1h);
        db.ok(db->commit(step(newer, CallStatus::ringing, "call.ringing", start)));
    }
    std::ranges::sort(calls, [](auto const& a, auto const& b) { return std::pair{a.started_at, a.id} > std::pair{b.started_at, b.id}; });
    REQUIRE(seen.size() == 25);
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == calls[i].id.str());

    CHECK(db.ok(db->calls({.tenant = tenant.id, .direction = model::Direction::outbound, .limit = 100})).size() == 5);
    CHECK(db.ok(db->calls({.tenant = tenant.id, .status = CallStatus::ringing, .limit = 100})).size() == 2);
    CHECK(db.ok(db->calls({.tenant = tenant.id, .from = start + 3s, .until = start + 5s, .limit = 100})).size() == 4);
    CHECK(db.ok(db->calls({.tenant = tenant.id, .number = calls[7].number, .limit = 100})).size() == 1);
    CHECK(db.ok(db->calls({.tenant = TenantId::from("ten_none")})).empty());
}

TEST_CASE("calls a dead node left behind fail as node_lost, once") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    db.ok(db->create_tenant(tenant));
    auto const endpoint = test::endpoint_row(tenant, "https://example.com/hook", {"call.failed"}, start);
    db.ok(db->upsert_endpoint(endpoint, 10));
    auto live = test::call_row(tenant, start);
    live.answered_at = start + 1s;
    auto done = test::call_row(tenant, start);
    db.ok(db->commit(step(live, CallStatus::answered, "call.answered", start)));
    db.ok(db->commit(step(done, CallStatus::completed, "call.completed", start)));
    model::Action action{.id = ActionId::fresh(start), .call = live.id, .tenant = tenant.id, .name = "play", .status = model::ActionStatus::running};
    db.ok(db->commit({.timeline_of = live.id, .rows = {{start + 6s, "media.flag", {}}}, .actions = {action}}));

    db.reopen();
    CHECK(db.ok(db->close_lost_calls(start + 11s)).size() == 1);
    CHECK(db.ok(db->close_lost_calls(start + 12s)).empty());
    auto const read = db.ok(db->call(tenant.id, live.id));
    CHECK(read.status == CallStatus::failed);
    CHECK(read.hangup_cause == "node_lost");
    CHECK(read.hangup_by == "platform");
    CHECK(read.duration_seconds() == doctest::Approx(5.0));
    CHECK(read.event_sequence == 2);
    auto const rows = db.ok(db->timeline(live.id));
    REQUIRE(rows.size() == 4);
    CHECK(rows[2].event == "action.failed");
    CHECK(rows[3].event == "call.failed");
    CHECK(rows[3].detail.at("ms") == 11'000);

    auto const leased = db.ok(db->lease_due(start + 12s, start + 42s, {{endpoint.id, false, 10}}));
    REQUIRE(leased.size() == 1);
    auto const body = json::parse(leased[0].body)->as_object();
    auto const& data = *json::object_at(body, "data");
    CHECK(json::text(body, "event_type") == "call.failed");
    CHECK(json::text(data, "error") == "node_lost");
    CHECK(json::boolean(data, "final") == true);
    CHECK(json::integer(data, "sequence") == 2);
    CHECK(json::text(data, "from") == live.from);
}

TEST_CASE("streams of a lost call are told to have stopped before its end, and counted") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    db.ok(db->create_tenant(tenant));
    auto const endpoint = test::endpoint_row(tenant, "https://example.com/hook", {"number.activated"}, start);   // named by the action alone
    db.ok(db->upsert_endpoint(endpoint, 10));
    auto call = test::call_row(tenant, start);
    call.answered_at = start;
    db.ok(db->commit(step(call, CallStatus::answered, "call.answered", start)));
    auto const tell = [&](std::string type, std::string stream, json::object more, Instant at) {
        auto commit = step(call, CallStatus::answered, type, at);
        auto data = json::object{{"callId", call.id.str()}, {"sequence", call.event_sequence}, {"streamId", stream}};
        json::merge(data, more);
        commit.events[0] = model::make_event(tenant.id, type, std::move(data), at);
        db.ok(db->commit(std::move(commit)));
    };
    model::Action ran{.id = ActionId::fresh(start), .call = call.id, .tenant = tenant.id, .name = "stream_start", .status = model::ActionStatus::completed};
    ran.request["statusCallbackWebhookEndpointId"] = endpoint.id.str();
    auto opening = ran;
    opening.id = ActionId::fresh(start + 1s);
    opening.status = model::ActionStatus::running;
    opening.stream = StreamId::from("strm_opening");
    opening.request.clear();
    db.ok(db->commit({.timeline_of = call.id, .actions = {ran}}));
    db.ok(db->commit({.timeline_of = call.id, .actions = {opening}}));
    tell("stream.started", "strm_over", {}, start);
    tell("stream.stopped", "strm_over", {{"durationSeconds", 1.5}}, start + 1500ms);
    tell("stream.started", "strm_open", {{"actionId", ran.id.str()}}, start + 2s);
    db.ok(db->commit({.timeline_of = call.id, .rows = {{start + 12s, "media.flag", {}}}}));

    db.reopen();
    auto const events = db.ok(db->close_lost_calls(start + 1h));
    std::vector<std::string> told;
    for (auto const& event : events) told.push_back(event.type);
    CHECK(told == std::vector<std::string>{"stream.stopped", "stream.stopped", "call.failed"});
    auto const data = [&](std::size_t i) { return json::parse(events.at(i).body)->at("data"); };
    CHECK(data(0).at("streamId") == "strm_open");
    CHECK(data(0).at("actionId").as_string() == ran.id.str());
    CHECK(data(0).at("reason") == "connection_lost");
    CHECK(data(0).at("durationSeconds").to_number<double>() == doctest::Approx(10));
    CHECK(data(1).at("streamId") == "strm_opening");
    CHECK(data(1).at("reason") == "connect_failed");
    for (std::size_t i = 0; i < 3; ++i) CHECK(data(i).at("sequence").to_number<int>() == int(5 + i));
    CHECK(db.ok(db->call(tenant.id, call.id)).event_sequence == 7);
    auto const rows = db.ok(db->timeline(call.id));
    CHECK(rows.at(rows.size() - 2).event == "action.failed");
    CHECK(rows.at(rows.size() - 4).event == "stream.stopped");
    REQUIRE(db.ok(db->lease_due(start + 1h, start + 2h, {{endpoint.id, false, 10}})).size() == 1);   // of the one it asked for
    auto const used = db.ok(db->usage(tenant.id, start - 24h, start + 24h));
    REQUIRE(used.size() == 1);
    CHECK(used[0].type == "media_stream_minutes");
    CHECK(used[0].quantity == 2 + 10);
}

TEST_CASE("a stream whose call had just ended when its process died is told to have stopped, once") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    db.ok(db->create_tenant(tenant));
    auto call = test::call_row(tenant, start);
    auto commit = step(call, CallStatus::answered, "stream.started", start);
    json::object data{{"callId", call.id.str()}, {"sequence", call.event_sequence}, {"streamId", "strm_1"}};
    commit.events[0] = model::make_event(tenant.id, "stream.started", std::move(data), start);
    db.ok(db->commit(std::move(commit)));
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start + 5s)));
    db.reopen();
    auto const events = db.ok(db->close_lost_calls(start + 1h));
    REQUIRE(events.size() == 1);
    CHECK(events[0].type == "stream.stopped");
    CHECK(json::parse(events[0].body)->at("data").at("durationSeconds").to_number<double>() == doctest::Approx(5));
    CHECK(db.ok(db->call(tenant.id, call.id)).event_sequence == 3);
    CHECK(db.ok(db->close_lost_calls(start + 1h)).empty());
}

TEST_CASE("lost calls are closed at once, however many events of others there are") {
    test::TenantStore db{"demo", start};
    for (auto i = 0; i < 200; ++i) {
        auto call = test::call_row(db.tenant, start);
        db.ok(db->commit(step(call, CallStatus::answered, "call.answered", start)));
    }
    {
        store::Session session{db.folder.path / "boni.db", store::Session::Mode::writer};
        session.run("INSERT INTO events (id, tenant_id, type, call_id, sequence, body, created_at) SELECT 'evt_' || value, :tenant, 'call.ringing', "
                    "'call_' || value, 1, '{}', :at FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 100000) "
                    "SELECT value FROM n)", db.tenant.id, start);
    }
    auto const begun = system_clock().steady();
    CHECK(db.ok(db->close_lost_calls(start + 1h)).size() == 200);
    CHECK(system_clock().steady() - begun < 2s);
}

TEST_CASE("a lost call lasted until the last thing its process wrote, however long nobody was there") {
    auto const lost = [](Instant answered_at, auto write) {
        test::TempStore db;
        auto const tenant = test::tenant_row("demo", start);
        db.ok(db->create_tenant(tenant));
        auto call = test::call_row(tenant, answered_at);
        call.answered_at = answered_at;
        db.ok(db->commit(step(call, CallStatus::answered, "call.answered", answered_at)));
        write(db, call);
        db.reopen();
        CHECK(db.ok(db->close_lost_calls(answered_at + 48h)).size() == 1);
        return db.ok(db->call(tenant.id, call.id)).duration_seconds();
    };
    CHECK(lost(start, [](auto&, auto&) {}) == 0);
    CHECK(lost(start, [](test::TempStore& db, model::Call& call) {
        auto other = call;
        other.id = CallId::fresh(start + 30s);
        other.answered_at.reset();
        db.ok(db->commit(step(other, CallStatus::no_answer, "call.no_answer", start + 30s)));
    }) == doctest::Approx(30));
    auto const counted = lost(system_clock().now() - 90s, [](test::TempStore& db, model::Call& call) {   // use carries the time of its writing
        db.ok(db->commit({.call = call, .metered = {{"inbound_call_minutes", 90}}}));
    });
    CHECK(counted >= 90);
    CHECK(counted < 150);
}
