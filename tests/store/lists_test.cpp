// Pages of lists by filter: in order, and soon, however much else there is.
#include "store/session.hpp"
#include "support/deliveries_stage.hpp"

using namespace boni;
using model::CallStatus;
using model::DeliveryStatus;
using test::DeliveriesStage;
using test::start;
using test::step;

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
