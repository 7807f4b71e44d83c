// API keys as text: making one, and telling a real one from a typing mistake without a lookup (api-semantics 2). Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace boni::api {

enum class KeyKind { live, test, oper };            ///< vp_live_, vp_test_, vp_oper_

struct NewKey {
    std::string shown;                              ///< 36 characters, given to its owner once and never stored
    std::string prefix;                             ///< first 12 characters, for display
    std::string hash;                               ///< SHA-256 of `shown`, hex: what is stored
};

/// 128 random bits in base62, then the CRC-32 of everything before in base62.
NewKey make_key(KeyKind kind);

/// Prefix, length, alphabet and checksum; says nothing about whether the key exists.
bool well_formed(std::string_view text);

}  // namespace boni::api
