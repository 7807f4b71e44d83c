// The cryptographic primitives the product uses, over OpenSSL. Thread: any; no state.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace boni {

using Sha256 = std::array<std::uint8_t, 32>;

/// From the operating system's generator; aborts when there is none.
void random_bytes(std::span<std::uint8_t> out);
Secret random_secret(std::size_t bytes);
std::uint32_t random_below(std::uint32_t bound);

Sha256 sha256(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);
std::string md5_hex(std::string_view data);  ///< only for SIP digest with old peers (RFC 7616)

std::string hex(std::span<std::uint8_t const> bytes);
inline std::string sha256_hex(std::string_view data) { return hex(sha256(data)); }

std::string base64(std::string_view bytes);
/// Standard alphabet with padding, nothing else.
Result<std::string> unbase64(std::string_view text);

/// In constant time for equal lengths.
bool same_secret(std::string_view a, std::string_view b);

std::uint32_t crc32(std::string_view data);  ///< IEEE 802.3, as in zlib

/// AES-256-GCM: nonce (12) + ciphertext + tag (16). `context` is authenticated and not stored.
std::string seal(std::string_view key32, std::string_view plain, std::string_view context);
Result<std::string> unseal(std::string_view key32, std::string_view sealed, std::string_view context);

}  // namespace boni
