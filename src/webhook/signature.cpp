#include "webhook/signature.hpp"

#include "base/crypto.hpp"
#include "webhook/delivery.hpp"

namespace boni::webhook {

NewSecret new_signing_secret() {
    std::string raw(32, '\0');
    random_bytes({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
    auto shown = "whsec_" + base64(raw);
    return {std::move(shown), Secret{std::move(raw)}};
}

std::string signature(std::string_view raw_key, long long timestamp, std::string_view body) {
    auto const signed_text = std::to_string(timestamp) + "." + std::string{body};
    return "v1=" + hex(hmac_sha256(raw_key, signed_text));
}

Result<std::string> signature_header(model::WebhookEndpoint const& endpoint, Secret const& master_key, Instant now, std::string_view body) {
    auto const open = [&](std::string const& sealed) -> Result<Secret> {
        TRY(auto raw, unseal(master_key.reveal(), sealed, endpoint.id.str()));
        return Secret{std::move(raw)};
    };
    TRY(auto active, open(endpoint.secret));
    auto header = signature(active.reveal(), unix_seconds(now), body);
    auto const overlaps = !endpoint.previous_secret.empty() && endpoint.previous_until && *endpoint.previous_until > now;
    if (!overlaps || endpoint.single_signature) return header;
    TRY(auto previous, open(endpoint.previous_secret));
    return header + "," + signature(previous.reveal(), unix_seconds(now), body);
}

std::vector<std::pair<std::string, std::string>> attempt_headers(model::Delivery const& delivery, int attempt, Instant now, std::string signature) {
    return {{"Content-Type", "application/json"},
            {"User-Agent", "Boni-Webhooks/1"},
            {"X-Boni-Event-Id", delivery.event.str()},
            {"X-Boni-Timestamp", std::to_string(unix_seconds(now))},
            {"X-Boni-Signature-Version", "v1"},
            {"X-Boni-Signature", std::move(signature)},
            {"X-Boni-Delivery-Id", delivery.id.str()},
            {"X-Boni-Attempt", std::to_string(attempt)}};
}

}  // namespace boni::webhook
