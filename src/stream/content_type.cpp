#include "stream/content_type.hpp"

#include <algorithm>
#include <cctype>
#include <ranges>
#include <set>
#include <vector>

#include "base/ascii.hpp"
#include "stream/dialect.hpp"

namespace boni::stream {
namespace {

using Encoding = ContentType::Encoding;

struct Known {
    Encoding encoding;
    std::string_view name;
};
constexpr Known encodings[] = {{Encoding::mulaw, "audio/x-mulaw"}, {Encoding::alaw, "audio/x-alaw"}, {Encoding::l16, "audio/x-l16"}};
constexpr std::string_view wide_rates[] = {"8000", "16000", "24000"};
constexpr std::size_t text_max = 256;   // it is told again in questions, which have a bound

/// What stands between the ';', and nothing where they enclose nothing: that is no parameter either.
std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> out;
    for (auto const part : std::views::split(text, ';')) out.push_back(lower(trim(std::string_view{part})));
    return out;
}

}  // namespace

std::string_view ContentType::name() const { return std::ranges::find(encodings, encoding, &Known::encoding)->name; }
std::string ContentType::text() const { return std::string{name()} + ";rate=" + std::to_string(rate); }

Result<ContentType> parse_content_type(std::string_view text, std::string_view field) {
    auto const wrong = [&](std::string_view why) { return fail(Errc::invalid, "contentType: " + std::string{why}, std::string{field}, "invalid_value"); };
    constexpr auto no_type = "audio/x-mulaw, audio/x-alaw or audio/x-l16 is expected";
    if (text.size() > text_max) return wrong("at most 256 bytes");
    ContentType out{.encoding = Encoding::l16};
    auto const parts = parts_of(text);
    auto const typed = !parts.empty() && !parts.front().contains('=');
    if (typed) {
        auto const* const known = std::ranges::find(encodings, std::string_view{parts.front()}, &Known::name);
        if (known == std::end(encodings)) return wrong(no_type);
        out.encoding = known->encoding;
    }
    std::set<std::string> given;
    for (auto const& part : parts | std::views::drop(typed ? 1 : 0)) {
        auto const equals = std::min(part.find('='), part.size());
        std::string const name{trim(std::string_view{part}.substr(0, equals))};
        std::string const value{trim(std::string_view{part}.substr(std::min(equals + 1, part.size())))};
        if (!given.insert(name).second) return wrong("a parameter is given twice");
        if (name == "rate") {
            auto const wide = out.encoding == Encoding::l16 && std::ranges::find(wide_rates, std::string_view{value}) != std::end(wide_rates);
            if (value != "8000" && !wide) return wrong("this rate is not offered for this encoding");
            out.rate = std::stoi(value);
        } else if (name == "dialect") {
            if (!find_dialect(value)) return wrong("no such dialect");
            out.dialect = value;
        } else if (name == "events" && value == "boni") {
            out.extra_events = true;
        } else {
            return wrong("a parameter is not known");
        }
    }
    auto const rated = given.contains("rate");
    auto const l16_only = find_dialect(out.dialect)->l16_only;
    if (!typed && (!l16_only || rated)) return wrong(no_type);
    if (l16_only && out.encoding != Encoding::l16) return wrong("this dialect speaks audio/x-l16");
    if (typed && !rated) return wrong("the rate is missing");
    return out;
}

}  // namespace boni::stream
