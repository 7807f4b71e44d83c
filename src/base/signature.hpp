// How a request of ours proves where it comes from: HMAC-SHA256 over "timestamp.text" (events-and-webhooks 4). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace boni {

/// "v1=<hex>"; `raw_key` is the 32 bytes. `timestamp` in Unix seconds.
std::string signature(std::string_view raw_key, long long timestamp, std::string_view text);
/// One for each key, active first, with commas between them.
std::string signature(std::vector<Secret> const& keys, long long timestamp, std::string_view text);

}  // namespace boni
