#include "stream/content_type.hpp"

#include <algorithm>
#include <cctype>

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

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// The part up to the next `mark`, trimmed and in lower case; `rest` goes on behind it.
std::string next(std::string_view& rest, char mark) {
    auto const end = std::min(rest.find(mark), rest.size());
    std::string out{trimmed(rest.substr(0, end))};
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return out;
}

}  // namespace

std::string_view ContentType::name() const { return std::ranges::find(encodings, encoding, &Known::encoding)->name; }
std::string ContentType::text() const { return std::string{name()} + ";rate=" + std::to_string(rate); }

Result<ContentType> parse_content_type(std::string_view text, std::string_view field) {
    auto const wrong = [&](std::string_view why) { return fail(Errc::invalid, "contentType: " + std::string{why}, std::string{field}, "invalid_value"); };
    constexpr auto no_type = "audio/x-mulaw, audio/x-alaw or audio/x-l16 is expected";
    ContentType out{.encoding = Encoding::l16};
    auto const typed = text.substr(0, text.find(';')).find('=') == text.npos;
    if (typed) {
        auto const type = next(text, ';');
        auto const* const known = std::ranges::find(encodings, std::string_view{type}, &Known::name);
        if (known == std::end(encodings)) return wrong(no_type);
        out.encoding = known->encoding;
    }
    auto rated = false;
    while (!text.empty()) {
        std::string_view parameter = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(parameter.size() + 1, text.size()));
        auto const name = next(parameter, '=');
        auto const value = next(parameter, '\0');
        if (name == "rate" && !rated) {
            auto const wide = out.encoding == Encoding::l16 && std::ranges::find(wide_rates, std::string_view{value}) != std::end(wide_rates);
            if (value != "8000" && !wide) return wrong("this rate is not offered for this encoding");
            out.rate = std::stoi(value);
            rated = true;
        } else if (name == "dialect") {
            if (!find_dialect(value)) return wrong("no such dialect");
            out.dialect = value;
        } else if (name == "events" && value == "boni") {
            out.extra_events = true;
        } else {
            return wrong("a parameter is not known");
        }
    }
    auto const l16_only = find_dialect(out.dialect)->l16_only;
    if (!typed && (!l16_only || rated)) return wrong(no_type);
    if (l16_only && out.encoding != Encoding::l16) return wrong("this dialect speaks audio/x-l16");
    if (typed && !rated) return wrong("the rate is missing");
    return out;
}

}  // namespace boni::stream
