// Agents, number requests, WhatsApp numbers, recordings: what is refused and what comes back after a restart.
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::start;

struct WhatsAppStore : test::TenantStore {
    WhatsAppStore() : TenantStore{"demo", start} {
        number.type = model::NumberType::whatsapp_calling;
        ok(store->create_number(number));
    }
    model::Number number = test::number_row(tenant, "+918050000001", start);
};

model::VoiceAgent agent_row(TenantId tenant, std::string key, Instant now) {
    model::VoiceAgent agent{.id = AgentId::fresh(now), .tenant = tenant, .key = std::move(key), .name = "Desk", .language = "hi-IN"};
    agent.greeting = "Namaste.";
    agent.instructions = "Help.";
    agent.status = model::AgentStatus::active;
    agent.created_at = agent.updated_at = now;
    return agent;
}

model::NumberRequest request_row(TenantId tenant, Instant now) {
    model::NumberRequest request{.id = NumberRequestId::fresh(now), .tenant = tenant, .use_case = "support line"};
    request.created_at = request.updated_at = now;
    return request;
}

}  // namespace

TEST_CASE("an agent keeps its fallback and metadata; its key is taken, its plan has an end, other tenants do not see it") {
    test::TempStore db;
    auto const mine = test::tenant_row("mine", start);
    auto const other = test::tenant_row("other", start);
    auto agent = agent_row(mine.id, "desk", start);
    agent.fallback = model::Target{"hangup", {{"type", "hangup"}}};
    agent.metadata = json::object{{"engine", json::object{{"mode", "flow"}}}};
    db.ok(db->create_agent(agent, 2));
    db.reopen();
    auto const read = db.ok(db->agent(mine.id, agent.id));
    CHECK(read.fallback == agent.fallback);
    CHECK(read.metadata == agent.metadata);
    CHECK(model::to_json(read) == model::to_json(agent));
    CHECK(db.token(db->agent(other.id, agent.id)) == "not_found");
    CHECK(db.token(db->create_agent(agent_row(mine.id, "desk", start), 2)) == "duplicate_key");
    db.ok(db->create_agent(agent_row(other.id, "desk", start), 2));
    db.ok(db->create_agent(agent_row(mine.id, "sales", start + 1s), 2));
    CHECK(db.token(db->create_agent(agent_row(mine.id, "third", start), 2)) == "plan_limit_reached");
    CHECK(db.ok(db->agents(mine.id)).back().key == "sales");
}

TEST_CASE("a number request moves forward only, and is fulfilled with a number of the tenant") {
    test::TempStore db;
    using enum model::NumberRequestStatus;
    auto const tenant = test::tenant_row("demo", start);
    auto const other = test::tenant_row("other", start);
    auto const request = request_row(tenant.id, start);
    db.ok(db->create_number_request(request, 1));
    auto const move = [&](model::NumberRequestStatus to, std::optional<model::Number> number = {}) {
        return db->move_number_request({.id = request.id, .to = to, .number = std::move(number), .now = start + 1s});
    };
    CHECK(db.token(move(fulfilled)) == "invalid_transition");
    db.ok(move(kyc_required));
    CHECK(db.token(move(submitted)) == "invalid_transition");
    db.ok(move(approved));
    db.ok(db->create_number(test::number_row(other, "+918040000009", start)));
    CHECK(db.token(move(fulfilled, test::number_row(tenant, "+918040000009", start))) == "duplicate_number");
    auto const number = test::number_row(tenant, "+918040000001", start);
    CHECK(db.ok(move(fulfilled, number)).number == number.id);
    CHECK(db.ok(db->number(tenant.id, number.id)).phone_number == "+918040000001");
    CHECK(db.token(move(rejected)) == "invalid_transition");
    CHECK(db.token(db->create_number_request(request_row(tenant.id, start), 1)) == "plan_limit_reached");
    CHECK(db.ok(db->number_requests({})).size() == 1);
    CHECK(db.ok(db->number_requests({other.id})).empty());
}

TEST_CASE("a tenant's open requests for numbers are bounded; those that were decided make room") {
    test::TenantStore db{"busy", start};
    std::vector<NumberRequestId> ids;
    for (int n = 0; n < 1000; ++n) {
        ids.push_back(NumberRequestId::fresh(start));
        db.ok(db->create_number_request({.id = ids.back(), .tenant = db.tenant.id, .use_case = "x", .created_at = start}, 10));
    }
    auto const more = [&] { return db.token(db->create_number_request({.id = NumberRequestId::fresh(start), .tenant = db.tenant.id, .use_case = "x"}, 10)); };
    CHECK(more() == "plan_limit_reached");
    db.ok(db->move_number_request({.id = ids.front(), .to = model::NumberRequestStatus::rejected, .now = start}));
    CHECK(more() == "ok");
}

TEST_CASE("a WhatsApp number waits for one Meta id at a time; its default route never replaces a saved one") {
    WhatsAppStore db;
    auto const& number = db.number;
    db.ok(db->create_number(test::number_row(db.tenant, "+918040000001", start)));
    auto const fresh = db.ok(db->whatsapp_numbers(db.tenant.id));
    REQUIRE(fresh.size() == 1);
    CHECK(fresh[0].calling.status == model::CallingStatus::not_enabled);
    auto const change = [&](std::function<void(store::WhatsAppChange&)> work) {
        return db->change_whatsapp(db.tenant.id, number.id, [work = std::move(work)](store::WhatsAppChange& one) -> Result<> {
            work(one);
            return {};
        });
    };
    auto const ask = [&](std::string meta_id) {
        return change([meta_id](auto& one) {
            one.known.calling.phone_number_id = meta_id;
            one.known.calling.status = model::CallingStatus::pending;
        });
    };
    auto const verify = [&](model::Route const& route) {
        return change([route](auto& one) {
            one.known.calling.status = model::CallingStatus::active;
            one.route = route;
        });
    };
    db.ok(ask("111"));
    db.ok(ask("111"));
    CHECK(db.token(ask("222")) == "permission_pending");
    model::Route route{.id = RouteId::fresh(start), .number = number.id, .tenant = db.tenant.id, .primary = {"hangup", {{"type", "hangup"}}}};
    db.ok(verify(route));
    auto second = route;
    second.id = RouteId::fresh(start);
    db.ok(verify(second));
    CHECK(db.ok(db->route(db.tenant.id, number.id))->id == route.id);
    auto const read = db.ok(db->whatsapp_number(db.tenant.id, number.id));
    CHECK(read.calling.status == model::CallingStatus::active);
    CHECK(read.number.route_status == model::RouteHealth::configured);
    db.ok(ask("222"));   // nothing is being verified
}

TEST_CASE("of two who change a WhatsApp number at once each finds what the other made of it, and a refusal changes nothing") {
    WhatsAppStore db;
    auto const& number = db.number;
    std::vector<std::optional<Result<store::WhatsAppChange>>> done(3);
    auto const begin = [&](std::size_t at, std::function<Result<>(store::WhatsAppChange&)> work) {
        spawn(db.io.get_executor(), "test", [](store::Store& store, model::Number one, auto step, auto& out) -> Task<> {
            out = co_await store.change_whatsapp(one.tenant, one.id, std::move(step));
        }(*db.store, number, std::move(work), done[at]));
    };
    begin(0, [](auto& one) -> Result<> {
        one.known.calling.consent = model::ConsentStatus::available;
        return {};
    });
    begin(1, [](auto& one) -> Result<> {
        one.known.calling.waba_id = "55";
        return {};
    });
    begin(2, [](auto& one) -> Result<> {
        one.known.calling.waba_id = "66";
        return fail(Errc::conflict, "no");
    });
    db.io.restart();
    while (std::ranges::any_of(done, [](auto const& one) { return !one.has_value(); })) REQUIRE(db.io.run_one_for(5s) == 1);
    CHECK(!*done[2]);
    auto const calling = db.ok(db->whatsapp_number(db.tenant.id, number.id)).calling;
    CHECK(calling.consent == model::ConsentStatus::available);
    CHECK(calling.waba_id == "55");
}

TEST_CASE("recordings and transcripts are found by their call and tenant") {
    test::TempStore db;
    auto const tenant = TenantId::fresh(start);
    auto const call = CallId::fresh(start);
    auto recording = test::recording_row({.id = call, .tenant = tenant}, "a.wav", start);
    recording.milliseconds = 1500;
    db.ok(db->commit({.recording = recording}));
    model::Transcript transcript{.id = TranscriptId::fresh(start), .tenant = tenant, .call = call, .created_at = start};
    db.ok(db->save_transcript(transcript));
    transcript.status = model::TranscriptStatus::completed;
    transcript.text = "[00:00] Caller: Hello.";
    db.ok(db->save_transcript(transcript));
    CHECK(db.ok(db->recordings(tenant, call)).at(0).milliseconds == 1500);
    auto const transcripts = db.ok(db->transcripts(tenant, call));
    REQUIRE(transcripts.size() == 1);
    CHECK(transcripts[0].text == transcript.text);
    CHECK(db.ok(db->recordings(TenantId::fresh(start), call)).empty());
    CHECK(db.ok(db->transcripts(tenant, CallId::fresh(start))).empty());
}
