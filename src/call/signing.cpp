#include "call/signing.hpp"

#include "base/crypto.hpp"

namespace boni::call {

Task<Result<std::vector<Secret>>> signing_keys(Call& call, EndpointId wished) {
    auto& services = call.services();
    auto const of_route = call.route() ? call.route()->webhook_endpoint() : EndpointId{};
    for (auto const& id : {wished, of_route}) {
        if (id.empty()) continue;
        auto const endpoint = co_await services.store.endpoint(call.tenant().id, id);
        if (endpoint) co_return model::signing_keys(*endpoint, services.master_key, services.clock.now());
        if (endpoint.error().code != Errc::not_found) co_return std::unexpected(endpoint.error());
    }
    CO_TRY(auto raw, unseal(services.master_key.reveal(), call.tenant().control_secret, call.tenant().id.str()));
    co_return std::vector{Secret{std::move(raw)}};
}

}  // namespace boni::call
