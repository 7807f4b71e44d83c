#include "webhook/schedule.hpp"

#include <algorithm>
#include <ctime>

#include "base/number.hpp"

namespace boni::webhook {

std::optional<Instant> next_attempt(int attempts, Failure failure, Instant now, double dice) {
    if (attempts >= attempts_max) return std::nullopt;
    using Micro = std::chrono::microseconds;
    auto const base = Micro{delays[std::size_t(std::max(attempts, 1))]};
    auto delay = Micro{std::int64_t(double(base.count()) * (1 - jitter_share + 2 * jitter_share * dice))};
    if (failure.pressed) delay = std::max(delay, Micro{pressed_delay_min});
    if (failure.retry_after) delay = std::clamp(Micro{*failure.retry_after}, delay, std::max(2 * delay, Micro{pressed_delay_min}));
    return now + delay;
}

std::chrono::microseconds longest_wait(int attempts) {
    if (attempts <= 0) return 0us;
    using Micro = std::chrono::microseconds;
    auto const base = Micro{delays[std::size_t(std::min(attempts, attempts_max - 1))]};
    auto const delay = Micro{std::int64_t(double(base.count()) * (1 + jitter_share))};
    return 2 * std::max(delay, Micro{pressed_delay_min});
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, Instant now) {
    constexpr long long seconds_max = 365LL * 24 * 3600;   // what is longer is clamped anyway; keeps the arithmetic small
    if (auto const seconds = number_of<long long>(value); seconds && *seconds >= 0) return std::chrono::seconds{std::min(*seconds, seconds_max)};
    std::tm parts{};
    std::string const text{value};
    char const* const rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (!rest || *rest != '\0') return std::nullopt;
    return std::chrono::seconds{std::clamp(static_cast<long long>(::timegm(&parts)) - unix_seconds(now), 0LL, seconds_max)};
}

}  // namespace boni::webhook
