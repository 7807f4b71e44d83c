// Wall-clock and steady time, asked once at the edge and passed down as `now`. Thread: any.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace boni {

using namespace std::chrono_literals;

/// Wall-clock instants, microseconds since the Unix epoch: what is stored, shown and signed.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
/// Steady instants: what is measured and waited for.
using Steady = std::chrono::steady_clock::time_point;

/// Injected so that tests turn the time by hand (tests/support/fake_clock.hpp).
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual Steady steady() const = 0;
};

/// The real one; lives for the whole process.
Clock& system_clock();

inline long long unix_ms(Instant at) { return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count(); }
inline long long unix_seconds(Instant at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }
inline Instant from_unix_ms(long long ms) { return Instant{std::chrono::milliseconds{ms}}; }

/// "2026-11-23T06:10:13.482Z", always UTC with three decimals (RFC 3339).
std::string rfc3339(Instant at);

/// What `rfc3339` wrote, to the millisecond.
Result<Instant> from_rfc3339(std::string_view text);

/// Asia/Kolkata, all year.
constexpr std::chrono::minutes ist_offset{330};
/// First instant of the IST day that `at` is in.
inline Instant ist_midnight(Instant at) { return std::chrono::floor<std::chrono::days>(at + ist_offset) - ist_offset; }
/// A calendar day in Asia/Kolkata, "2026-11-23".
std::string ist_date(Instant at);
/// First instant of that IST day; refuses anything but a real date written YYYY-MM-DD.
Result<Instant> ist_day_start(std::string_view date);

}  // namespace boni
