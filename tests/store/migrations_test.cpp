// A file of an older binary is brought forward with what it holds.
#include "store/migrations.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::start;
using std::chrono::days;

/// A file of schema 9, the last one before calls kept the facts of their legs and timelines lay beside them. Two calls, whose rows came
/// in turns: one ended, one lives.
struct OldFile : test::TenantStore {
    OldFile() : TenantStore{"acme", start} {
        store.reset();
        for (auto const* const end : {"", "-wal", "-shm"}) std::filesystem::remove(folder.path / (std::string{"boni.db"} + end));
        {
            store::Session session{folder.path / "boni.db", store::Session::Mode::writer};
            REQUIRE(store::migrate(session, folder.path / "boni.db", 9));
            write(session, ended, "completed", start + 60s);
            write(session, live, "ringing", {});
            for (auto const* const event : {"call.inbound.received", "call.ringing", "note"})
                for (auto const& call : {ended, live}) tell(session, call, event);
            for (auto const& [call, at] : {std::pair{ended, test::monday - 1us}, {live, test::monday}})
                session.run("INSERT INTO usage VALUES (:tenant, 'inbound_call_minutes', :call, :at, 120, 120, 650000)", tenant.id, call, at);
        }
        reopen();
        ok(store->create_tenant(tenant));
    }
    void write(store::Session& session, CallId const& call, std::string const& status, std::optional<Instant> end) {
        session.run("INSERT INTO calls (id, tenant_id, number_id, route_id, direction, channel, caller, callee, status, started_at, ended_at, hangup_cause, "
                    "hangup_by, sip_call_id, event_sequence, metadata_json, test) VALUES (:id, :tenant, 'num_1', '', 'inbound', 'pstn', '+911', '+912', "
                    ":status, :started, :ended, '', '', '', 1, '{}', 0)", call, tenant.id, status, start, end);
    }
    void tell(store::Session& session, CallId const& call, std::string const& event) {
        session.run("INSERT INTO timeline (call_id, at, event, detail_json) VALUES (:call, :at, :event, :detail)", call, start + 1s, event,
                    json::object{{"ms", 1000}});
    }
    std::vector<std::string> events(CallId const& call) {
        std::vector<std::string> out;
        for (auto const& row : ok(store->timeline(call))) out.push_back(row.event);
        return out;
    }

    CallId const ended = CallId::fresh(start), live = CallId::fresh(start);
};

}  // namespace

TEST_CASE("timelines of a file of schema 9 are whole and in order, and go on") {
    OldFile old;
    std::vector<std::string> const told{"call.inbound.received", "call.ringing", "note"};
    CHECK(old.events(old.ended) == told);
    CHECK(old.events(old.live) == told);
    old.ok(old->commit({.timeline_of = old.live, .rows = {{start + 2s, "later", {}}}}));
    CHECK(old.events(old.live).back() == "later");
}

TEST_CASE("a call that lived in a file of schema 9 ends with a record that knows when it rang") {
    OldFile old;
    CHECK(old.ok(old->close_lost_calls(start + 1h)).size() == 1);
    auto const legs = old.ok(old->cdr_legs(0, 10));
    REQUIRE(legs.size() == 1);
    auto const record = json::parse(legs[0].record)->as_object();
    CHECK(record.at("callId").as_string() == old.live.str());
    CHECK(record.at("ringingAt").as_string() == rfc3339(start + 1s));
    CHECK(record.at("q850") == 41);
    CHECK(model::check_leg(legs[0], {.sequence = 0, .hash = std::string(64, '0')}));
}

TEST_CASE("a call of a file of schema 9 goes with its timeline") {
    OldFile old;
    old.ok(old->prune(start + days{800}, days{730}));
    CHECK(old.events(old.ended).empty());
    CHECK_FALSE(old.events(old.live).empty());
}

TEST_CASE("what was used in a file of schema 9 is summed by day") {
    OldFile old;
    auto const used = [&](Instant from, Instant until) { return old.ok(old->usage(old.tenant.id, from, until)).at(0).quantity; };
    CHECK(used(test::monday - 24h, test::monday) == 120);
    CHECK(used(test::monday - 24h, test::monday + 24h) == 240);
}
