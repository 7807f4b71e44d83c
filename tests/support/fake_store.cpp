// A database that keeps what a test looks at, and fails when it is told to.
#include "store/running_requests.hpp"
#include "support/fake_platform.hpp"

using boni::test::Platform;

namespace boni::store {

class Store::Database {};
Store::Store(std::unique_ptr<Database> database) : database_{std::move(database)} {}
Store::~Store() = default;
Result<std::unique_ptr<Store>> Store::open(StoreConfig, asio::any_io_executor) { return std::unique_ptr<Store>(new Store(nullptr)); }
Task<Result<>> Store::commit(Commit commit) {
    auto const fails = Platform::now->failing_commits > 0;
    if (fails) --Platform::now->failing_commits;
    else {
        if (commit.call) Platform::now->calls[commit.call->id.str()] = *commit.call;
        Platform::now->commits.push_back(std::move(commit));
    }
    co_await asio::post(asio::bind_executor(Platform::now->io, asio::use_awaitable));
    if (auto const slow = Platform::now->commit_after; slow > 0ms) co_await wait_for(slow);
    if (fails) co_return fail(Errc::unavailable, "disk full");
    co_return Result<>{};
}
void Store::write(Commit commit) { Platform::now->commits.push_back(std::move(commit)); }
Task<Result<std::optional<Inbound>>> Store::inbound(std::vector<std::string>) { co_return Platform::now->inbound; }
Task<Result<model::Tenant>> Store::tenant(TenantId) { co_return Platform::now->inbound->tenant; }
Task<Result<model::WebhookEndpoint>> Store::endpoint(TenantId, EndpointId) { co_return fail(Errc::not_found, "no endpoint"); }
Task<Result<model::VoiceAgent>> Store::agent(TenantId, AgentId id) {
    auto const found = Platform::now->agents.find(id.str());
    if (found == Platform::now->agents.end()) co_return fail(Errc::not_found, "no agent");
    co_return found->second;
}
Task<Result<model::Call>> Store::call(TenantId, CallId id) {
    auto const found = Platform::now->calls.find(id.str());
    if (found == Platform::now->calls.end()) co_return fail(Errc::not_found, "no such call", {}, "not_found");
    co_return found->second;
}
Task<Result<>> Store::set_route_health(NumberId, model::RouteHealth health) {
    Platform::now->health.push_back(health);
    co_return Result<>{};
}

}  // namespace boni::store
