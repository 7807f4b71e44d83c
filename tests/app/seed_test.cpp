#include <doctest/doctest.h>

#include "api/key_format.hpp"
#include "app/private_file.hpp"
#include "app/seed.hpp"
#include "base/crypto.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

struct SeedStage {
    test::TempStore store;
    Secret master_key{std::string(32, 'k')};
    std::filesystem::path file = store.folder.path / "seed.json";

    Result<app::Seeded> seed(app::SeedWish wish = {}) { return store.run(app::seed(*store.store, system_clock(), master_key, file, std::move(wish))); }
};

std::vector<std::string> phones(app::SeededTenant const& tenant) {
    std::vector<std::string> out;
    for (auto const& number : tenant.numbers) out.push_back(number.phone_number);
    return out;
}

}  // namespace

TEST_CASE("a first start has one tenant, three live numbers and keys that work") {
    SeedStage stage;
    auto const seeded = stage.seed();
    REQUIRE(seeded);
    REQUIRE(seeded->tenants.size() == 1);
    auto const& tenant = seeded->tenants[0];
    CHECK(tenant.key == "demo");
    CHECK(phones(tenant) == std::vector<std::string>{"+918040000001", "+918040000002", "+918040000003"});
    CHECK(tenant.numbers[0].activation == model::ActivationStatus::live);
    auto const whatsapp = stage.store.ok(stage.store->whatsapp_numbers(tenant.id));
    REQUIRE(whatsapp.size() == 1);
    CHECK(whatsapp[0].calling.status == model::CallingStatus::not_enabled);
    CHECK(api::well_formed(tenant.api_key));
    CHECK(tenant.api_key.starts_with("vp_test_"));
    auto const owner = stage.store.ok(stage.store->key_by_hash(sha256_hex(tenant.api_key)));
    REQUIRE(owner);
    CHECK(owner->tenant.id == tenant.id);
    CHECK(owner->tenant.test);
    CHECK(owner->tenant.feature("outbound"));
    CHECK(owner->tenant.limit("concurrent_calls") == 5000);
    auto const oper = stage.store.ok(stage.store->key_by_hash(sha256_hex(seeded->operator_key)));
    REQUIRE(oper);
    CHECK(oper->key.operator_key);
    CHECK(*unseal(stage.master_key.reveal(), owner->tenant.control_secret, tenant.id.str()) == *unbase64(tenant.control_secret.substr(6)));
}

TEST_CASE("a second start finds the same keys and numbers, and features follow the wish") {
    SeedStage stage;
    auto const first = stage.seed({.tenants = 2, .numbers = 2});
    REQUIRE(first);
    stage.store.reopen();
    auto const second = stage.seed({.tenants = 1, .numbers = 1, .plan = "launch", .features = {{"outbound", false}},
                                    .limits = {{"concurrent_calls", 2}}});
    REQUIRE(second);
    CHECK(second->operator_key == first->operator_key);
    REQUIRE(second->tenants.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(second->tenants[i].api_key == first->tenants[i].api_key);
        CHECK(phones(second->tenants[i]) == phones(first->tenants[i]));
    }
    CHECK(phones(second->tenants[1]) == std::vector<std::string>{"+918040000003", "+918040000004"});
    auto const tenant = stage.store.ok(stage.store->tenant(second->tenants[0].id));
    CHECK(tenant.plan == "launch");
    CHECK_FALSE(tenant.feature("outbound"));
    CHECK(tenant.limit("concurrent_calls") == 2);
}

TEST_CASE("a plan without a price is a mistake once there are prices, and the usual one never is") {
    SeedStage stage;
    REQUIRE(stage.seed({.plan = "launch"}));
    stage.store.ok(stage.store->add_price_card({.plan = "launch", .prices = {{"inbound_call_minutes", json::object{{"priceInr", 1}}}}}));
    auto const refused = stage.seed({.plan = "lanch"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "the price book has no plan 'lanch'; did you mean 'launch'?");
    CHECK(stage.seed({.plan = "launch"}));
    CHECK(stage.seed());
}

TEST_CASE("a start that was cut short before the database is completed with the keys of the file") {
    SeedStage stage;
    auto const first = stage.seed();
    REQUIRE(first);
    std::filesystem::remove(stage.store.folder.path / "boni.db");
    std::filesystem::remove(stage.store.folder.path / "boni.db-wal");
    std::filesystem::remove(stage.store.folder.path / "boni.db-shm");
    stage.store.reopen();
    auto const second = stage.seed();
    REQUIRE(second);
    CHECK(second->tenants[0].id == first->tenants[0].id);
    CHECK(stage.store.ok(stage.store->key_by_hash(sha256_hex(first->tenants[0].api_key))));
}

TEST_CASE("more numbers at the next start are added, none is given away twice") {
    SeedStage stage;
    REQUIRE(stage.seed({.tenants = 2, .numbers = 1}));
    auto const more = stage.seed({.tenants = 2, .numbers = 2});
    REQUIRE(more);
    CHECK(phones(more->tenants[0]) == std::vector<std::string>{"+918040000001", "+918040000003"});
    CHECK(phones(more->tenants[1]) == std::vector<std::string>{"+918040000002", "+918040000004"});
}

TEST_CASE("callers on loopback come in, --trunk leads out, and what is not wished for any more is gone") {
    SeedStage stage;
    auto const seeded = stage.seed({.trunks = {"127.0.0.1:5090", "localhost"}});
    REQUIRE_MESSAGE(seeded, (seeded ? "" : seeded.error().what));
    auto trunks = stage.store.ok(stage.store->trunks());
    REQUIRE(trunks.size() == 3);
    CHECK(trunks[0].name == "dev-out-1");
    CHECK(json::serialize(trunks[0].config.at("targets")) == R"([{"host":"127.0.0.1","port":5090}])");
    CHECK(trunks[2].name == "loopback");
    for (auto const& trunk : trunks) CHECK(trunk.test);
    REQUIRE(stage.seed());
    CHECK(stage.store.ok(stage.store->trunks()).size() == 1);
    CHECK_FALSE(stage.seed({.trunks = {"127.0.0.1:port"}}));
}

TEST_CASE("a damaged seed file is refused, not replaced") {
    SeedStage stage;
    REQUIRE(stage.seed());
    for (auto const text : {"{", "[]", R"({"operatorKey":"x"})", R"({"operatorKey":"x","tenants":[{"id":"ten_1"}]})"}) {
        REQUIRE(app::write_private(stage.file, text));
        CHECK_FALSE(stage.seed());
    }
    CHECK(**app::read_private(stage.file) == R"({"operatorKey":"x","tenants":[{"id":"ten_1"}]})");
}
