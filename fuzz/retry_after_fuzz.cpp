// A receiver's Retry-After: whatever it says, the next attempt lies within the schedule's bounds.
#include "webhook/schedule.hpp"

using namespace boni;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const now = from_unix_ms(1'795'414'211'098);
    auto const wish = webhook::parse_retry_after({reinterpret_cast<char const*>(data), size}, now);
    if (wish) ENSURE(*wish >= 0s);
    for (int attempts = 1; attempts < webhook::attempts_max; ++attempts) {
        auto const next = webhook::next_attempt(attempts, {.retry_after = wish}, now, 0.999);
        ENSURE(next && *next > now && *next - now <= std::max<std::chrono::microseconds>(webhook::delays[std::size_t(attempts)] * 12 / 5, 60s));
    }
    return 0;
}
