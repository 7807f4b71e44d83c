#include "speech/voice.hpp"

#include <algorithm>
#include <cctype>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "speech/prompt.hpp"

namespace boni::speech {
namespace {

constexpr std::size_t tag_size_max = 35;   // RFC 5646 4.4.1: what every implementation must take

struct Voice {
    std::string_view language;   ///< primary subtag
    std::string_view espeak;
};
/// The languages of India that Debian's espeak-ng speaks, and English; media.md 7.
constexpr Voice voices[] = {
    {"as", "as"}, {"bn", "bn"}, {"en", "en-gb"}, {"gu", "gu"}, {"hi", "hi"}, {"kn", "kn"}, {"kok", "kok"}, {"ml", "ml"},
    {"mr", "mr"}, {"ne", "ne"}, {"or", "or"},    {"pa", "pa"}, {"sd", "sd"}, {"ta", "ta"}, {"te", "te"},   {"ur", "ur"}};

bool well_formed(std::string_view tag) {
    if (tag.empty() || tag.size() > tag_size_max) return false;
    auto subtag = 0uz;
    for (auto const c : tag) {
        if (c == '-') {
            if (subtag == 0) return false;
            subtag = 0;
        } else if (!std::isalnum(static_cast<unsigned char>(c)) || ++subtag > 8) {
            return false;
        }
    }
    return subtag > 0;
}

}  // namespace

Result<std::string_view> espeak_voice(std::string_view wanted) {
    if (wanted.empty()) return "en-gb";
    if (wanted.starts_with("espeak:")) wanted.remove_prefix(7);
    auto const tag = lower(wanted);
    if (!well_formed(tag)) return fail(Errc::invalid, "'" + as_utf8(tag, tag_size_max) + "' is not a language tag", {}, "invalid_value");
    auto const primary = std::string_view{tag}.substr(0, tag.find('-'));
    auto const* known = std::ranges::find(voices, primary, &Voice::language);
    if (known == std::end(voices)) return fail(Errc::invalid, "there is no voice for '" + tag + "'", {}, "invalid_value");
    return known->espeak;
}

Result<> check_voice(std::string_view language_or_voice, std::string_view field) {
    if (language_or_voice.empty()) return fail(Errc::invalid, "a voice is named by a language tag or its name", std::string{field}, "invalid_value");
    auto voice = espeak_voice(language_or_voice);
    if (voice) return {};
    voice.error().field = field;
    return std::unexpected(std::move(voice).error());
}

}  // namespace boni::speech
