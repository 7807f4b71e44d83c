// Records of legs are chained by their hashes: written with the terminal event, never changed, removed from the front only (sip.md 8).
#include "store/session.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::monday;
using std::chrono::days;

struct ChainStage : test::TenantStore {
    ChainStage() : TenantStore{"acme", monday} {}

    model::Call end_call(Instant at, json::object facts = {}) {
        auto call = test::call_row(tenant, at);
        call.answered_at = at + 3s;
        call.hangup_cause = "normal";
        call.hangup_by = "caller";
        auto last = test::step(call, model::CallStatus::completed, "call.completed", at + 63'500ms);
        last.rows.back().detail["q850"] = 16;
        last.leg = std::move(facts);
        ok(store->commit(std::move(last)));
        return call;
    }
    std::vector<model::CdrLeg> legs() { return ok(store->cdr_legs(0, 1000)); }
    model::CdrHead head() { return ok(store->cdr_head()); }
    /// As somebody with the file in hand would.
    void tamper(std::string const& sql) {
        store.reset();
        store::Session{folder.path / "boni.db", store::Session::Mode::writer}.run(sql);
        reopen();
    }
};

}  // namespace

TEST_CASE("a call that ends has one record with its times, its parties and what was known of its leg") {
    ChainStage stage;
    auto const call = stage.end_call(monday + 1h, {{"trunk", "airtel"}, {"rtp", {{"packetsReceived", 3021}, {"mos", 4.38002}}}});
    auto const legs = stage.legs();
    REQUIRE(legs.size() == 1);
    auto const record = json::parse(legs[0].record)->as_object();
    CHECK(record.at("callId").as_string() == call.id.str());
    CHECK(record.at("leg") == 1);
    CHECK(record.at("sequence") == 1);
    CHECK(record.at("prevHash").as_string() == std::string(64, '0'));
    CHECK(record.at("node").as_string().starts_with("node_"));
    CHECK(record.at("billableSeconds") == 61);
    CHECK(record.at("q850") == 16);
    CHECK(record.at("startedAt").as_string() == rfc3339(monday + 1h));
    CHECK(record.at("startedAtIst").as_string() == "2026-11-23T01:00:00.000+05:30");
    CHECK(record.at("trunk").as_string() == "airtel");
    CHECK(legs[0].hash == sha256_hex(legs[0].record));
    auto const exported = stage.ok(stage.store->cdr({.tenant = stage.tenant.id, .after = {monday, ""}, .until = monday + 24h}));
    REQUIRE(exported.size() == 1);
    auto const line = model::cdr_json_line(exported[0]);
    CHECK(line.ends_with("\"legs\":[{\"hash\":\"" + legs[0].hash + "\",\"record\":" + legs[0].record + "}]}\n"));
    CHECK(json::parse(line));
    auto const row = model::cdr_csv_row(exported[0]);
    CHECK(row.contains(",airtel,"));
    CHECK(row.contains(",3021,,,,4.380,,"));
    CHECK(row.contains("," + legs[0].hash + ","));
    auto const fields = [](std::string const& text) { return std::ranges::count(text, ','); };
    CHECK(fields(row) == fields(model::cdr_csv_head()));
}

TEST_CASE("each record holds the hash of the one before; what did not commit leaves no gap") {
    ChainStage stage;
    auto ended = stage.end_call(monday);
    CHECK(stage.token(stage.store->commit(test::step(ended, model::CallStatus::failed, "call.failed", monday + 2h))) != "ok");
    stage.end_call(monday + 1s);
    stage.reopen();
    stage.end_call(monday + 2s);
    auto at = model::CdrHead{.sequence = 0, .hash = std::string(64, '0')};
    for (auto const& leg : stage.legs()) {
        CHECK(model::check_leg(leg, at));
        at = {.sequence = leg.sequence, .hash = leg.hash};
    }
    CHECK(at.sequence == 3);
    CHECK(stage.head().hash == at.hash);
}

TEST_CASE("a call that died with its node has its record too") {
    ChainStage stage;
    auto call = test::call_row(stage.tenant, monday);
    auto came = test::step(call, model::CallStatus::ringing, "call.ringing", monday);
    came.leg = {{"trunk", "airtel"}, {"earlyAt", rfc3339(monday + 1s)}};
    stage.ok(stage.store->commit(std::move(came)));
    auto answered = test::step(call, model::CallStatus::answered, "call.answered", monday + 2s);
    answered.leg = {{"trunk", "airtel"}, {"earlyAt", rfc3339(monday + 1s)}, {"sipStatus", 200}};
    stage.ok(stage.store->commit(std::move(answered)));
    stage.ok(stage.store->commit({.call = call}));                          // what says nothing of the leg changes nothing
    stage.reopen();
    CHECK(stage.ok(stage.store->close_lost_calls(monday + 1h)).size() == 1);
    REQUIRE(stage.legs().size() == 1);
    auto const record = json::parse(stage.legs()[0].record)->as_object();
    CHECK(record.at("hangupCause") == "node_lost");
    CHECK(record.at("trunk") == "airtel");
    CHECK(record.at("sipStatus") == 200);
    CHECK(record.at("earlyAtIst") == "2026-11-23T00:00:01.000+05:30");
    CHECK(record.at("legId").as_string() == call.id.str() + "/1");
}

TEST_CASE("a call that ends without a word about its leg has in its record what was known while it lived") {
    ChainStage stage;
    auto call = test::call_row(stage.tenant, monday);
    auto first = test::step(call, model::CallStatus::ringing, "call.inbound.received", monday);
    first.leg = {{"trunk", "airtel"}};
    stage.ok(stage.store->commit(std::move(first)));
    stage.ok(stage.store->commit(test::step(call, model::CallStatus::failed, "call.failed", monday + 5s)));
    REQUIRE(stage.legs().size() == 1);
    CHECK(json::parse(stage.legs()[0].record)->as_object().at("trunk") == "airtel");
}

TEST_CASE("a record that was changed, left out or added is seen, and the database does not change one") {
    ChainStage stage;
    for (int n = 0; n < 3; ++n) stage.end_call(monday + std::chrono::seconds{n});
    auto const legs = stage.legs();
    auto changed = legs[1];
    changed.record.replace(changed.record.find("caller"), 6, "target");
    auto const after = [](model::CdrLeg const& leg) { return model::CdrHead{.sequence = leg.sequence, .hash = leg.hash}; };
    CHECK_FALSE(model::check_leg(changed, after(legs[0])));
    changed.hash = sha256_hex(changed.record);
    CHECK(model::check_leg(changed, after(legs[0])));                       // it is consistent in itself,
    CHECK_FALSE(model::check_leg(legs[2], after(changed)));                 // but the next one knows better
    CHECK_FALSE(model::check_leg(legs[2], after(legs[0])));
    CHECK_THROWS(stage.tamper("UPDATE cdr_legs SET record = '{}' WHERE sequence = 2"));
}

TEST_CASE("records go after two years from the front, and the head knows the oldest that is kept") {
    ChainStage stage;
    stage.end_call(monday);
    stage.end_call(monday + days{10});
    stage.ok(stage.store->prune(monday + days{731}));
    REQUIRE(stage.legs().size() == 1);
    CHECK(stage.head().kept_from == 2);
    CHECK(stage.head().sequence == 2);
    stage.ok(stage.store->prune(monday + days{741}));
    CHECK(stage.legs().empty());
    CHECK(stage.head().kept_from == 3);
    stage.end_call(monday + days{742});
    CHECK(stage.legs().at(0).sequence == 3);
    CHECK(model::head_before(stage.legs()[0]).sequence == 2);
}
