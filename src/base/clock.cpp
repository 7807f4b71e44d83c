#include "base/clock.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/number.hpp"

namespace boni {
namespace {

class SystemClock final : public Clock {
  public:
    Instant now() const override { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }
    Steady steady() const override { return std::chrono::steady_clock::now(); }
};

std::string day_text(std::chrono::year_month_day day) {
    return fmt::format("{:04}-{:02}-{:02}", int(day.year()), unsigned(day.month()), unsigned(day.day()));
}

Result<int> digits(std::string_view text) {
    auto const value = number_of<unsigned>(text);
    if (!value) return fail(Errc::malformed, "a date is written YYYY-MM-DD");
    return int(*value);
}

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

std::string rfc3339(Instant at) {
    using namespace std::chrono;
    auto const day = floor<days>(at);
    hh_mm_ss const time{floor<milliseconds>(at - day)};
    return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", day_text(year_month_day{day}), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

Result<Instant> from_rfc3339(std::string_view text) {
    using namespace std::chrono;
    constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
    auto const fits = std::ranges::equal(text, shape, [](char c, char like) { return like == '0' ? c >= '0' && c <= '9' : c == like; });
    if (!fits) return fail(Errc::malformed, "a time is written YYYY-MM-DDThh:mm:ss.mmmZ");
    TRY(auto const midnight, ist_day_start(text.substr(0, 10)));
    TRY(auto const h, digits(text.substr(11, 2)));
    TRY(auto const m, digits(text.substr(14, 2)));
    TRY(auto const s, digits(text.substr(17, 2)));
    TRY(auto const ms, digits(text.substr(20, 3)));
    if (h > 23 || m > 59 || s > 59) return fail(Errc::malformed, "no such time of day");
    return midnight + ist_offset + hours{h} + minutes{m} + seconds{s} + milliseconds{ms};
}

std::string ist_date(Instant at) {
    using namespace std::chrono;
    return day_text(year_month_day{floor<days>(at + ist_offset)});
}

Result<Instant> ist_day_start(std::string_view date) {
    using namespace std::chrono;
    if (date.size() != 10 || date[4] != '-' || date[7] != '-') return fail(Errc::malformed, "a date is written YYYY-MM-DD");
    TRY(auto const y, digits(date.substr(0, 4)));
    TRY(auto const m, digits(date.substr(5, 2)));
    TRY(auto const d, digits(date.substr(8, 2)));
    year_month_day const day{year{y}, month{unsigned(m)}, std::chrono::day{unsigned(d)}};
    if (!day.ok()) return fail(Errc::malformed, "no such calendar day");
    return Instant{sys_days{day}} - ist_offset;
}

}  // namespace boni
