#include "cli/softphone/expectations.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/number.hpp"
#include "cli/softphone/heard.hpp"

namespace boni::cli {
namespace {

using Heard = std::span<std::int16_t const>;
using std::chrono::milliseconds;

constexpr auto speech_min = milliseconds{400};   // of sound, all stretches together
constexpr double tone_share_min = 0.5;

milliseconds loud(Heard heard) {
    milliseconds sum{};
    for (auto const& one : stretches(heard)) sum += one.until - one.from;
    return sum;
}

enum class Value { none, number, text };

struct Word {
    std::string_view name;
    std::string_view meaning;
    Value value;
    bool (*holds)(CallReport const& report, Heard heard, std::string const& value);
};

double number(std::string const& text) { return *number_of<double>(text); }   // `fits` has looked at it

bool fits(Value wanted, std::string const& value) {
    switch (wanted) {
        case Value::none: return value.empty();
        case Value::number: return number_of<double>(value).has_value();
        case Value::text: return !value.empty();
    }
    return false;
}

constexpr Word words[] = {
    {"answered", "the call was answered", Value::none, [](auto const& report, Heard, auto const&) { return report.answered; }},
    {"not_answered", "it was not", Value::none, [](auto const& report, Heard, auto const&) { return !report.answered; }},
    {"speech", "at least 400 ms of sound were heard", Value::none, [](auto const&, Heard heard, auto const&) { return loud(heard) >= speech_min; }},
    {"silence", "nothing was heard", Value::none, [](auto const&, Heard heard, auto const&) { return loud(heard) == milliseconds{}; }},
    {"tone", "tone~440: most of the sound was a tone of 440 Hz", Value::number,
     [](auto const&, Heard heard, auto const& hz) { return share_of_tone(heard, number(hz)) >= tone_share_min; }},
    {"status", "status~486: the final SIP status", Value::number,
     [](auto const& report, Heard, auto const& status) { return report.sip_status == int(number(status)); }},
    {"cause", "cause~busy: the hang-up cause", Value::text, [](auto const& report, Heard, auto const& cause) { return name(report.cause) == cause; }},
    {"ended_by", "ended_by~platform, or ~caller", Value::text,
     [](auto const& report, Heard, auto const& who) { return who == (report.ended_by_peer ? "platform" : "caller"); }},
    {"talked", "talked~3: at least 3 seconds between answer and end", Value::number,
     [](auto const& report, Heard, auto const& seconds) { return double(report.talked.count()) >= 1000 * number(seconds); }},
};

}  // namespace

Result<std::vector<Expectation>> expectations(std::string_view text) {
    std::vector<Expectation> out;
    while (!text.empty()) {
        auto const end = std::min(text.find(','), text.size());
        std::string one{text.substr(0, end)};
        text.remove_prefix(std::min(end + 1, text.size()));
        auto const tilde = std::min(one.find('~'), one.size());
        auto const name = one.substr(0, tilde);
        auto const value = one.substr(std::min(tilde + 1, one.size()));
        auto const* word = std::ranges::find(words, std::string_view{name}, &Word::name);
        if (word == std::end(words))
            return fail(Errc::invalid, fmt::format("--expect: '{}' is not one of:\n{}", name, expectation_words()), "expect");
        if (!fits(word->value, value)) return fail(Errc::invalid, fmt::format("--expect: {} - {}", word->name, word->meaning), "expect");
        out.push_back({one, [word, value](CallReport const& report, Heard heard) { return word->holds(report, heard, value); }});
    }
    return out;
}

std::string expectation_words() {
    std::string out;
    for (auto const& word : words) out += fmt::format("  {:<13} {}\n", word.name, word.meaning);
    return out;
}

}  // namespace boni::cli
