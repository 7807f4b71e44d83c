// A store on a file of its own that goes with the test, and a loop to await it on.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "store/store.hpp"
#include "support/run_task.hpp"
#include "support/temp_folder.hpp"

namespace boni::test {

struct TempStore {
    TempStore() { reopen(); }

    /// Closes and opens the same file, as a restart does.
    void reopen() {
        store.reset();
        auto opened = store::Store::open({folder.path / "boni.db"}, io.get_executor());
        REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().what));
        store = *std::move(opened);
    }
    store::Store* operator->() { return store.get(); }

    /// Runs the loop until `task` is done.
    template <class T>
    T run(Task<T> task) {
        return test::run(io, std::move(task));
    }
    /// As `run`, for what must succeed.
    template <class T>
    T ok(Task<Result<T>> task) {
        auto result = run(std::move(task));
        REQUIRE_MESSAGE(result, (result ? "" : result.error().what));
        if constexpr (!std::is_void_v<T>) return *std::move(result);
    }
    /// The token of the error, or its code; "ok" without one.
    template <class T>
    std::string token(Task<Result<T>> task) {
        auto const result = run(std::move(task));
        if (result) return "ok";
        return result.error().token.empty() ? std::string{name(result.error().code)} : result.error().token;
    }

    TempFolder folder;
    asio::io_context io;
    std::unique_ptr<store::Store> store;
};

/// What most tests stand on: one tenant, one number, one route with fallback.
inline model::Tenant tenant_row(std::string key, Instant now) {
    model::Tenant tenant{.id = TenantId::fresh(now), .key = key, .display_name = "Tenant " + key, .plan = "launch"};
    tenant.created_at = now;
    return tenant;
}
/// A store that holds one tenant.
struct TenantStore : TempStore {
    TenantStore(std::string key, Instant created_at) : tenant{tenant_row(std::move(key), created_at)} { ok(store->create_tenant(tenant)); }
    model::Tenant tenant;
};
inline model::Number number_row(model::Tenant const& tenant, std::string phone, Instant now) {
    model::Number number{.id = NumberId::fresh(now), .tenant = tenant.id, .phone_number = std::move(phone)};
    number.created_at = now;
    return number;
}
inline model::Call call_row(model::Tenant const& tenant, Instant now) {
    model::Call call{.id = CallId::fresh(now), .tenant = tenant.id, .number = NumberId::fresh(now)};
    call.from = "+919876543210";
    call.to = "+918000000000";
    call.started_at = now;
    return call;
}
/// One that can be read.
inline model::Recording recording_row(model::Call const& call, std::string file, Instant now) {
    return {.id = RecordingId::fresh(now), .tenant = call.tenant, .call = call.id, .file = std::move(file), .created_at = now, .finished_at = now};
}
inline model::WebhookEndpoint endpoint_row(model::Tenant const& tenant, std::string url, std::vector<std::string> events, Instant now) {
    model::WebhookEndpoint endpoint{.id = EndpointId::fresh(now), .tenant = tenant.id, .url = std::move(url), .events = std::move(events)};
    endpoint.created_at = endpoint.updated_at = now;
    return endpoint;
}
/// A commit that moves `call` to `status` and tells it with one event of the next sequence.
inline store::Commit step(model::Call& call, model::CallStatus status, std::string type, Instant now) {
    call.status = status;
    ++call.event_sequence;
    if (model::terminal(status)) call.ended_at = now;
    store::Commit commit{.call = call};
    commit.events.push_back(model::make_event(call.tenant, type, {{"callId", call.id.str()}, {"sequence", call.event_sequence}}, now));
    commit.timeline_of = call.id;
    commit.rows.push_back({now, std::move(type), {{"ms", 0}}});
    return commit;
}

}  // namespace boni::test
