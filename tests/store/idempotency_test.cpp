#include "store/migrations/0007_answers.hpp"
#include "store/session.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;
using store::IdempotencyKey;

namespace {
using test::start;
TenantId const tenant = TenantId::from("ten_a");
}  // namespace

TEST_CASE("a key runs once, then replays its answer for 24 hours") {
    test::TempStore db;
    IdempotencyKey const key{tenant, "k1", "print-1", start};
    CHECK(!db.ok(db->begin_request(key, start)));
    CHECK(db.token(db->begin_request(key, start)) == "idempotency_in_progress");
    CHECK(db.token(db->begin_request({tenant, "k1", "print-2"}, start)) == "idempotency_key_reused");
    CHECK(!db.ok(db->begin_request({TenantId::from("ten_b"), "k1", "print-2"}, start)));   // another tenant's is another key
    db.ok(db->finish_request({key, {202, R"({"status":"accepted"})"}}));
    db.reopen();
    auto const answer = db.ok(db->begin_request(key, start + 23h));
    REQUIRE(answer);
    CHECK(answer->status == 202);
    CHECK(answer->body == R"({"status":"accepted"})");
    CHECK(!db.ok(db->begin_request({tenant, "k1", "print-2"}, start + 25h)));
}

TEST_CASE("an abandoned key, and one whose process died, are free again") {
    test::TempStore db;
    IdempotencyKey const key{tenant, "k1", "p"};
    CHECK(!db.ok(db->begin_request(key, start)));
    db->release_request(key);
    CHECK(!db.ok(db->begin_request(key, start)));
    db.reopen();
    CHECK(!db.ok(db->begin_request(key, start)));
}

TEST_CASE("a key whose answer was not stored takes no room of its tenant's") {
    test::TempStore db;
    auto const key = [](std::string name) { return IdempotencyKey{tenant, std::move(name), "p", start}; };
    for (int n = 0; n < 5; ++n) {
        CHECK(!db.ok(db->begin_request(key("refused " + std::to_string(n)), start, 2)));
        db->abandon_request(key("refused " + std::to_string(n)));
    }
    for (auto const* const name : {"a", "b"}) {
        CHECK(!db.ok(db->begin_request(key(name), start, 2)));
        if (std::string_view{name} == "a") db.ok(db->finish_request({key(name), {202, "{}"}}));
    }
    CHECK(db.token(db->begin_request(key("c"), start, 2)) == "limit");       // "b" still runs, and may yet be stored
    db->abandon_request(key("b"));
    CHECK(!db.ok(db->begin_request(key("c"), start, 2)));
    db.ok(db->finish_request({key("c"), {202, "{}"}}));
    CHECK(db.token(db->begin_request(key("d"), start, 2)) == "limit");
    CHECK(db.ok(db->begin_request(key("a"), start, 2)));
    CHECK(!db.ok(db->begin_request(key("d"), start + 25h, 2)));
}

TEST_CASE("a tenant with all its keys is told when the oldest goes, and not sooner than it may have one") {
    test::TempStore db;
    auto const key = [](std::string name, Instant at) { return IdempotencyKey{tenant, std::move(name), "p", at}; };
    for (int n = 0; n < 2; ++n) {
        auto const one = key(std::to_string(n), start + n * 1h);
        CHECK(!db.ok(db->begin_request(one, one.used_at, 2)));
        if (n == 1) CHECK(db.token(db->begin_request(key("beside", one.used_at), one.used_at, 2)) == "limit");
        if (n == 1) CHECK(db->room_for_key_in(tenant, one.used_at) == 1s);      // one of the two still runs
        db.ok(db->finish_request({one, {202, "{}"}}));
    }
    CHECK(db.token(db->begin_request(key("c", start + 2h), start + 2h, 2)) == "limit");
    CHECK(db->room_for_key_in(tenant, start + 2h) == 22h);
    CHECK(db.token(db->begin_request(key("c", start + 3h), start + 24h - 1ms, 2)) == "limit");
    CHECK(db->room_for_key_in(tenant, start + 24h - 1ms) == 1s);
    CHECK(!db.ok(db->begin_request(key("c", start + 24h), start + 24h, 2)));
    db.ok(db->finish_request({key("c", start + 24h), {202, "{}"}}));
    CHECK(db.token(db->begin_request(key("d", start + 24h), start + 24h, 2)) == "limit");
    CHECK(db->room_for_key_in(tenant, start + 24h) == 1h);
}

TEST_CASE("a request that an older version began and never answered leaves its key free") {
    test::TempStore db;
    db.store.reset();
    {
        store::Session session{db.folder.path / "boni.db", store::Session::Mode::writer};
        session.run("INSERT INTO idempotency (tenant_id, key, fingerprint, status, body, created_at) VALUES ('ten_a', 'k1', 'p', NULL, '', :at)", start);
        session.script(store::migrations::answers);
    }
    db.reopen();
    CHECK(!db.ok(db->begin_request({tenant, "k1", "p", start}, start)));
}

TEST_CASE("an answer commits with what it answers, or neither does") {
    test::TempStore db;
    auto call = test::call_row(test::tenant_row("demo", start), start);
    db.ok(db->commit(test::step(call, model::CallStatus::completed, "call.completed", start)));
    IdempotencyKey const key{call.tenant, "k1", "p"};
    CHECK(!db.ok(db->begin_request(key, start)));
    auto again = call;
    auto refused = test::step(again, model::CallStatus::failed, "call.failed", start);
    refused.finished = store::FinishedRequest{key, {202, "{}"}};
    CHECK(db.token(db->commit(refused)) == "call_not_active");
    CHECK(db.token(db->begin_request(key, start)) == "idempotency_in_progress");
    store::Commit commit;
    commit.finished = store::FinishedRequest{key, {202, "{}"}};
    db.ok(db->commit(commit));
    db->release_request(key);
    CHECK(db.ok(db->begin_request(key, start))->status == 202);
}
