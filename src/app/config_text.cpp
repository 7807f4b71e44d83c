// Settings as text for people: the example file and what is in effect.
#include <fmt/format.h>

#include "app/config.hpp"

namespace boni::app {
namespace {

std::string toml_text(std::string_view text) {
    std::string out{"\""};
    for (unsigned char const c : text) {
        if (c == '"' || c == '\\') out += fmt::format("\\{}", char(c));
        else if (c < 0x20 || c == 0x7f) out += fmt::format("\\u{:04x}", c);
        else out += char(c);
    }
    return out + '"';
}

std::string toml_of(Value const& value) {
    if (auto const* const text = std::get_if<std::string>(&value)) return toml_text(*text);
    if (auto const* const number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (auto const* const flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    std::string out;
    for (auto const& one : std::get<std::vector<std::string>>(value)) out += (out.empty() ? "" : ", ") + toml_text(one);
    return '[' + out + ']';
}

std::string capital(std::string text) {
    if (!text.empty()) text[0] = char(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

}  // namespace

std::string example() {
    Config defaults;
    Settings settings;
    defaults.fields(settings);
    std::string out =
        "# Settings of `boni serve`, each at its default. Printed by `boni config example`; check yours with `boni config check -c FILE`.\n"
        "# An environment variable BONI_SECTION__KEY wins over this file, e.g. BONI_SIP__LISTEN=0.0.0.0:5070.\n";
    for (auto const& [section, sentence] : settings.sections()) {
        out += fmt::format("\n# {}\n[{}]\n", sentence, section);
        for (auto const& row : settings.rows())
            if (row.section == section) out += fmt::format("# {}.\n#{} = {}\n", capital(row.sentence), row.key, toml_of(row.get()));
    }
    return out;
}

std::string effective(Config& config) {
    Settings settings;
    config.fields(settings);
    std::string out;
    for (auto const& [section, sentence] : settings.sections()) {
        out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
        for (auto const& row : settings.rows())
            if (row.section == section) out += fmt::format("{} = {}\n", row.key, toml_of(row.get()));
    }
    return out;
}

}  // namespace boni::app
