#include "app/seed.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "api/key_format.hpp"
#include "app/dev_trunks.hpp"
#include "app/private_file.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "webhook/delivery.hpp"

namespace boni::app {
namespace {

constexpr double calls_max = 5000;
constexpr std::string_view secret_prefix = "whsec_";

Result<Seeded> read_seed(std::filesystem::path const& file) {
    TRY(auto const text, read_private(file));
    Seeded seeded;
    if (!text) return seeded;
    auto const broken = [&] {
        return fail(Errc::invalid, file.string() + " is damaged; without it the keys of this folder are lost: start with an empty one");
    };
    auto const document = json::parse(*text);
    if (!document || !document->is_object()) return broken();
    auto const& top = document->as_object();
    auto const* const tenants = json::array_at(top, "tenants");
    auto const operator_key = json::text(top, "operatorKey");
    if (!tenants || !operator_key) return broken();
    seeded.operator_key = *operator_key;
    for (auto const& one : *tenants) {
        if (!one.is_object()) return broken();
        auto const member = [&](std::string_view name) { return json::text_or_empty(one.as_object(), name); };
        seeded.tenants.push_back({TenantId::from(member("id")), member("key"), member("apiKey"), member("controlSecret"), {}});
        auto const& read = seeded.tenants.back();
        if (!read.id.valid() || !api::well_formed(read.api_key) || !read.control_secret.starts_with(secret_prefix)) return broken();
    }
    return seeded;
}

Result<> write_seed(std::filesystem::path const& file, Seeded const& seeded) {
    json::array tenants;
    for (auto const& tenant : seeded.tenants)
        tenants.push_back(json::object{{"id", tenant.id.str()}, {"key", tenant.key}, {"apiKey", tenant.api_key},
                                       {"controlSecret", tenant.control_secret}});
    return write_private(file, json::serialize(json::object{{"operatorKey", seeded.operator_key}, {"tenants", std::move(tenants)}}) + "\n");
}

model::Tenant may_do(model::Tenant tenant, SeedWish const& wish) {
    tenant.plan = wish.plan;
    tenant.features.clear();
    for (auto const& feature : model::feature_table()) tenant.features[std::string{feature.name}] = true;
    for (auto const& [name, on] : wish.features) tenant.features[name] = on;
    tenant.limits = {{"concurrent_calls", calls_max}, {"calls_per_second", calls_max}, {"numbers", std::max(10.0, double(wish.numbers))}};
    for (auto const& [name, value] : wish.limits) tenant.limits[name] = value;
    return tenant;
}

Task<Result<>> put_tenant(store::Store& store, Instant now, Secret master_key, SeededTenant const& seeded, SeedWish const& wish) {
    auto known = co_await store.tenant(seeded.id);
    if (known) co_return co_await store.update_tenant(may_do(*std::move(known), wish));
    if (known.error().code != Errc::not_found) co_return std::unexpected(known.error());
    CO_TRY(auto const raw, unbase64(std::string_view{seeded.control_secret}.substr(secret_prefix.size())));
    model::Tenant fresh{.id = seeded.id, .key = seeded.key, .display_name = "Demo " + seeded.key, .test = true, .created_at = now};
    fresh.control_secret = seal(master_key.reveal(), raw, seeded.id.str());
    co_return co_await store.create_tenant(may_do(std::move(fresh), wish));
}

Task<Result<>> put_key(store::Store& store, Instant now, TenantId tenant, std::string shown) {
    auto const hash = sha256_hex(shown);
    CO_TRY(auto const known, co_await store.key_by_hash(hash));
    if (known) co_return Result<>{};
    model::ApiKey key{.id = KeyId::fresh(now), .tenant = tenant, .name = "boni dev", .prefix = shown.substr(0, 12), .hash = hash,
                      .operator_key = tenant.empty(), .created_at = now};
    if (!key.operator_key) key.scopes = {model::Scope::read, model::Scope::recordings, model::Scope::actions, model::Scope::write};
    co_return co_await store.create_key(std::move(key));
}

/// One for each tenant, of +91 80 5...; calling on it waits for the tenant to ask and the operator to verify.
Task<Result<>> put_whatsapp_number(store::Store& store, Instant now, TenantId tenant, std::set<std::string>& taken) {
    CO_TRY(auto const known, co_await store.whatsapp_numbers(tenant));
    for (int index = 1; known.empty(); ++index) {
        auto const phone = fmt::format("+91805{:07}", index);
        if (!taken.insert(phone).second) continue;
        co_return co_await store.create_number({.id = NumberId::fresh(now), .tenant = tenant, .phone_number = phone, .label = "Demo WhatsApp",
                                                .type = model::NumberType::whatsapp_calling, .created_at = now});
    }
    co_return Result<>{};
}

/// The lowest free ones of +91 80 4..., so that a first start always has the same.
Task<Result<std::vector<model::Number>>> put_numbers(store::Store& store, Instant now, TenantId tenant, int wanted, std::set<std::string>& taken) {
    CO_TRY(auto numbers, co_await store.numbers(tenant));
    std::erase_if(numbers, [](model::Number const& number) { return number.type != model::NumberType::indian_business_number; });
    for (int index = 1; int(numbers.size()) < wanted; ++index) {
        auto const phone = fmt::format("+91804{:07}", index);
        if (!taken.insert(phone).second) continue;
        model::Number number{.id = NumberId::fresh(now), .tenant = tenant, .phone_number = phone, .label = fmt::format("Demo {}", index),
                             .activation = model::ActivationStatus::live, .created_at = now};
        CO_CHECK_OK(co_await store.create_number(number));
        numbers.push_back(std::move(number));
    }
    co_return numbers;
}

}  // namespace

Task<Result<Seeded>> seed(store::Store& store, Clock& clock, Secret master_key, std::filesystem::path file, SeedWish wish) {
    CO_TRY(auto const book, co_await store.price_cards());
    CO_CHECK_OK(model::check_plan(wish.plan, SeedWish{}.plan, book));
    CO_TRY(auto seeded, read_seed(file));
    auto const now = clock.now();
    if (seeded.operator_key.empty()) seeded.operator_key = api::make_key(api::KeyKind::oper).shown;
    while (int(seeded.tenants.size()) < wish.tenants) {
        auto const place = seeded.tenants.size() + 1;
        seeded.tenants.push_back({TenantId::fresh(now), place == 1 ? "demo" : fmt::format("demo{}", place), api::make_key(api::KeyKind::test).shown,
                                  webhook::new_signing_secret().shown, {}});
    }
    CO_CHECK_OK(write_seed(file, seeded));

    CO_CHECK_OK(co_await put_key(store, now, {}, seeded.operator_key));
    CO_TRY(auto const everybody, co_await store.numbers({}));
    std::set<std::string> taken;
    for (auto const& number : everybody) taken.insert(number.phone_number);
    for (auto& tenant : seeded.tenants) {
        CO_CHECK_OK(co_await put_tenant(store, now, master_key, tenant, wish));
        CO_CHECK_OK(co_await put_key(store, now, tenant.id, tenant.api_key));
        CO_TRY(tenant.numbers, co_await put_numbers(store, now, tenant.id, wish.numbers, taken));
        CO_CHECK_OK(co_await put_whatsapp_number(store, now, tenant.id, taken));
    }
    CO_CHECK_OK(co_await put_dev_trunks(store, now, wish.trunks));
    co_return seeded;
}

}  // namespace boni::app
