#include "stream/upgrade.hpp"

#include "base/signature.hpp"
#include "base/version.hpp"

namespace boni::stream {

std::vector<std::pair<std::string, std::string>> upgrade_headers(Wanted const& wanted, Instant now) {
    auto const timestamp = unix_seconds(now);
    return {{"User-Agent", user_agent()},
            {"X-Boni-Event-Id", wanted.subject.stream},
            {"X-Boni-Timestamp", std::to_string(timestamp)},
            {"X-Boni-Signature-Version", "v1"},
            {"X-Boni-Signature", signature(wanted.keys, timestamp, wanted.url)},
            {"traceparent", wanted.subject.traceparent}};
}

}  // namespace boni::stream
