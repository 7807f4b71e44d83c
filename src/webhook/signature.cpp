#include "webhook/signature.hpp"

#include "base/crypto.hpp"
#include "base/signature.hpp"
#include "model/trace.hpp"
#include "webhook/delivery.hpp"

namespace boni::webhook {

namespace {

constexpr std::size_t secret_prefix_size = 12;       // "whsec_" and six characters

}  // namespace

NewSecret new_signing_secret() {
    auto raw = random_secret(32);
    auto shown = "whsec_" + base64(raw.reveal());
    auto prefix = shown.substr(0, secret_prefix_size);
    return {std::move(shown), std::move(prefix), std::move(raw)};
}

Result<std::string> signature_header(model::WebhookEndpoint const& endpoint, Secret const& master_key, Instant now, std::string_view body) {
    TRY(auto const keys, model::signing_keys(endpoint, master_key, now));
    return signature(keys, unix_seconds(now), body);
}

std::vector<std::pair<std::string, std::string>> attempt_headers(model::Delivery const& delivery, int attempt, Instant now, std::string signature) {
    auto const number = std::to_string(attempt);
    std::vector<std::pair<std::string, std::string>> headers{{"Content-Type", "application/json"},
                                                             {"User-Agent", "Boni-Webhooks/1"},
                                                             {"X-Boni-Event-Id", delivery.event.str()},
                                                             {"X-Boni-Timestamp", std::to_string(unix_seconds(now))},
                                                             {"X-Boni-Signature-Version", "v1"},
                                                             {"X-Boni-Signature", std::move(signature)},
                                                             {"X-Boni-Delivery-Id", delivery.id.str()},
                                                             {"X-Boni-Attempt", number}};
    if (!delivery.call.empty()) headers.emplace_back("traceparent", model::traceparent(delivery.call, delivery.id.str() + number));
    return headers;
}

}  // namespace boni::webhook
