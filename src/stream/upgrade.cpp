#include "stream/upgrade.hpp"

#include "base/crypto.hpp"

namespace boni::stream {

std::vector<std::pair<std::string, std::string>> upgrade_headers(Wanted const& wanted, Instant now) {
    auto const timestamp = std::to_string(unix_seconds(now));
    std::string signature;
    for (auto const& key : wanted.keys)
        signature += (signature.empty() ? "v1=" : ",v1=") + hex(hmac_sha256(key.reveal(), timestamp + '.' + wanted.url));
    return {{"User-Agent", "Boni-Voice/1"},
            {"X-Boni-Event-Id", wanted.subject.stream},
            {"X-Boni-Timestamp", timestamp},
            {"X-Boni-Signature-Version", "v1"},
            {"X-Boni-Signature", signature},
            {"traceparent", wanted.subject.traceparent}};
}

}  // namespace boni::stream
