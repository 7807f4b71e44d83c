#include "call/signature.hpp"

#include "base/crypto.hpp"

namespace boni::call {

Task<Result<std::vector<Secret>>> signing_keys(Call& call, EndpointId id) {
    auto& services = call.services();
    auto const master = services.master_key.reveal();
    std::vector<Secret> keys;
    if (id.empty() && call.route()) id = call.route()->webhook_endpoint();
    if (id.empty()) {
        CO_TRY(auto raw, unseal(master, call.tenant().control_secret, call.tenant().id.str()));
        keys.emplace_back(std::move(raw));
        co_return keys;
    }
    CO_TRY(auto const endpoint, co_await services.store.endpoint(call.tenant().id, id));
    CO_TRY(auto active, unseal(master, endpoint.secret, endpoint.id.str()));
    keys.emplace_back(std::move(active));
    auto const overlap = endpoint.previous_until && *endpoint.previous_until > services.clock.now();
    if (overlap && !endpoint.single_signature && !endpoint.previous_secret.empty()) {
        CO_TRY(auto previous, unseal(master, endpoint.previous_secret, endpoint.id.str()));
        keys.emplace_back(std::move(previous));
    }
    co_return keys;
}

std::string signature(std::vector<Secret> const& keys, long long timestamp, std::string_view text) {
    std::string out;
    auto const signed_text = std::to_string(timestamp) + '.' + std::string{text};
    for (auto const& key : keys) out += (out.empty() ? "v1=" : ",v1=") + hex(hmac_sha256(key.reveal(), signed_text));
    return out;
}

std::string traceparent(CallId const& call, std::string_view part) {
    return "00-" + sha256_hex(call.str()).substr(0, 32) + '-' + sha256_hex(part).substr(0, 16) + "-01";
}

}  // namespace boni::call
