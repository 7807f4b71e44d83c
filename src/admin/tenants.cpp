// Tenants: who they are, what they may do, the secret of their control webhooks.
#include <algorithm>

#include "admin/operation.hpp"
#include "api/api.hpp"
#include "base/ascii.hpp"
#include "base/crypto.hpp"
#include "base/edit_distance.hpp"
#include "call/calls.hpp"
#include "webhook/delivery.hpp"

namespace boni::admin {
namespace {

constexpr std::size_t key_max = 40;
constexpr std::string_view plan_unnamed = "standard";   // of a tenant that is made without one

json::object shown(model::Tenant const& tenant) {
    json::object features;
    json::object limits;
    for (auto const& one : model::feature_table()) features[one.name] = tenant.feature(one.name);
    for (auto const& one : model::limit_table()) limits[one.name] = std::int64_t(tenant.limit(one.name));   // all are counts
    return {{"id", tenant.id.str()}, {"key", tenant.key}, {"displayName", tenant.display_name}, {"plan", tenant.plan},
            {"status", name(tenant.status)}, {"test", tenant.test}, {"features", std::move(features)}, {"limits", std::move(limits)},
            {"allowedPrefixes", json::array(tenant.allowed_prefixes.begin(), tenant.allowed_prefixes.end())},
            {"createdAt", rfc3339(tenant.created_at)}};
}

bool short_name(std::string_view key) {
    auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !key.empty() && key.size() <= key_max && std::ranges::all_of(key, fits) && !TenantId::from(std::string{key}).valid();
}

/// `features` and `limits` change the names they hold and leave the others.
Result<> read_permissions(json::object const& body, model::Tenant& tenant) {
    if (auto const* const value = json::find(body, "features")) {
        if (!value->is_object()) return wrong("features", "must be an object of true and false");
        for (auto const& one : value->as_object()) {
            auto const field = "features." + std::string{one.key()};
            if (std::ranges::find(model::feature_table(), std::string_view{one.key()}, &model::FeatureDefault::name) == model::feature_table().end())
                return wrong(field, "is no feature; " + meant(one.key(), names_in(model::feature_table())));
            if (!one.value().is_bool()) return wrong(field, "must be true or false");
            tenant.features[std::string{one.key()}] = one.value().as_bool();
        }
    }
    if (auto const* const value = json::find(body, "limits")) {
        if (!value->is_object()) return wrong("limits", "must be an object of numbers");
        for (auto const& one : value->as_object()) {
            auto const field = "limits." + std::string{one.key()};
            auto const known = std::ranges::find(model::limit_table(), std::string_view{one.key()}, &model::LimitDefault::name);
            if (known == model::limit_table().end()) return wrong(field, "is no limit; " + meant(one.key(), names_in(model::limit_table())));
            auto const whole = json::integer(value->as_object(), one.key());
            auto const least = std::int64_t(known->floor);
            if (!whole || *whole < least || *whole > 1'000'000'000)
                return wrong(field, "must be a whole number from " + std::to_string(least) + " to 1000000000");
            tenant.limits[std::string{one.key()}] = double(*whole);
        }
    }
    return {};
}

Result<> read_prefixes(json::object const& body, model::Tenant& tenant) {
    if (!json::find(body, "allowedPrefixes")) return {};
    TRY(auto prefixes, texts_of(body, "allowedPrefixes"));
    for (auto const& prefix : prefixes) {
        auto const digits = std::string_view{prefix}.substr(std::min<std::size_t>(1, prefix.size()));
        if (!prefix.starts_with('+') || digits.size() > 15 || !all_digits(digits))
            return wrong("allowedPrefixes", "must hold numbers' beginnings such as +91");
    }
    tenant.allowed_prefixes = std::move(prefixes);
    return {};
}

Result<> read_tenant(json::object const& body, model::Tenant& tenant) {
    TRY(auto const display_name, text_of(body, "displayName"));
    TRY(auto const plan, text_of(body, "plan", 64));
    TRY(auto const status, word_of<model::TenantStatus>(body, "status"));
    if (display_name) tenant.display_name = *display_name;
    if (plan) tenant.plan = *plan;
    if (status) tenant.status = *status;
    CHECK_OK(read_permissions(body, tenant));
    if (auto const calls = tenant.limits.find("concurrent_calls"); calls != tenant.limits.end() && calls->second > tenant.limit("concurrent_calls"))
        return fail(Errc::invalid, "more than 30 concurrent_calls need features.high_concurrency", "limits.concurrent_calls", "invalid_value");
    return read_prefixes(body, tenant);
}

/// What a tenant is to pay for has to be priced, or its calls are free without a word. One that keeps its plan is not asked.
Task<Result<>> check_plan(Asked& asked, model::Tenant const& before) {
    CO_TRY(auto const plan, text_of(asked.body, "plan", 64));
    if (!plan || *plan == before.plan) co_return Result<>{};
    CO_TRY(auto const book, co_await asked.services.store.price_cards());
    co_return model::check_plan(*plan, plan_unnamed, book);
}

/// A fresh secret of the tenant's control webhooks; returns what is shown once.
std::string new_control_secret(Asked const& asked, model::Tenant& tenant) {
    auto fresh = webhook::new_signing_secret();
    tenant.control_secret = seal(asked.services.master_key.reveal(), fresh.raw.reveal(), tenant.id.str());
    return fresh.shown;
}

Task<Result<Answer>> list_tenants(Asked& asked) {
    auto const read = [&](store::PageAfter after, std::size_t most) { return asked.services.store.tenant_page(std::move(after), most); };
    co_return co_await page_of_many(asked, read, [](auto const& tenant) { return shown(tenant); });
}

Task<Result<Answer>> get_tenant(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    co_return Answer{.body = shown(tenant)};
}

Task<Result<Answer>> create_tenant(Asked& asked) {
    auto const& body = asked.body;
    CO_CHECK_OK(only(body, {"key", "displayName", "plan", "status", "test", "features", "limits", "allowedPrefixes"}));
    CO_TRY(auto const key, text_of(body, "key", key_max));
    if (!key || !short_name(*key)) co_return wrong("key", "must have 1-40 lower-case letters, digits and hyphens");
    CO_TRY(auto const test, flag_of(body, "test"));
    model::Tenant tenant{.id = TenantId::fresh(asked.now), .key = *key, .display_name = *key, .plan = std::string{plan_unnamed},
                         .test = test.value_or(false), .created_at = asked.now};
    CO_CHECK_OK(co_await check_plan(asked, tenant));
    CO_CHECK_OK(read_tenant(body, tenant));
    auto const secret = new_control_secret(asked, tenant);
    asked.tenant = tenant.id;
    CO_CHECK_OK(co_await asked.services.store.create_tenant(tenant, asked.entry(tenant.id.str())));
    auto answer = shown(tenant);
    answer["controlSecret"] = secret;
    co_return Answer{201, std::move(answer)};
}

Task<Result<Answer>> change_tenant(Asked& asked) {
    CO_TRY(auto tenant, co_await tenant_of(asked));
    CO_CHECK_OK(only(asked.body, {"displayName", "plan", "status", "features", "limits", "allowedPrefixes"}));
    CO_CHECK_OK(co_await check_plan(asked, tenant));
    CO_CHECK_OK(read_tenant(asked.body, tenant));
    CO_CHECK_OK(co_await asked.services.store.update_tenant(tenant, asked.entry(tenant.id.str())));
    asked.services.calls.tenant_changed(tenant);
    CO_TRY(auto const keys, co_await asked.services.store.keys(tenant.id));
    for (auto const& key : keys) asked.services.api.forget_key(key.hash);   // its cache holds the tenant as it was
    co_return Answer{.body = shown(tenant)};
}

/// The old one stops at once: a control webhook has one signature.
Task<Result<Answer>> rotate_control_secret(Asked& asked) {
    CO_TRY(auto tenant, co_await tenant_of(asked));
    CO_CHECK_OK(only(asked.body, {}));
    auto const secret = new_control_secret(asked, tenant);
    CO_CHECK_OK(co_await asked.services.store.update_tenant(tenant, asked.entry(tenant.id.str())));
    asked.services.calls.tenant_changed(tenant);
    co_return Answer{.body = json::object{{"id", tenant.id.str()}, {"controlSecret", secret}}};
}

}  // namespace

std::span<Operation const> tenant_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/tenants", list_tenants, page_parameters},
        {"POST", "/v1/tenants", create_tenant},
        {"GET", "/v1/tenants/{tenant}", get_tenant},
        {"PATCH", "/v1/tenants/{tenant}", change_tenant},
        {"POST", "/v1/tenants/{tenant}/control-secret", rotate_control_secret},
    };
    return operations;
}

}  // namespace boni::admin
