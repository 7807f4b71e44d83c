#include "base/signature.hpp"

#include "base/crypto.hpp"

namespace boni {

std::string signature(std::string_view raw_key, long long timestamp, std::string_view text) {
    auto const signed_text = std::to_string(timestamp) + '.' + std::string{text};
    return "v1=" + hex(hmac_sha256(raw_key, signed_text));
}

std::string signature(std::vector<Secret> const& keys, long long timestamp, std::string_view text) {
    std::string out;
    for (auto const& key : keys) out += (out.empty() ? "" : ",") + signature(key.reveal(), timestamp, text);
    return out;
}

}  // namespace boni
