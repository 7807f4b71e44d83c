#include "sip/normalise.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "sip/name_addr.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t user_max = 256;       // longer user parts are not numbers and are cut for the record

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const escaped = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
        auto const byte = escaped ? char(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
        if (escaped) i += 2;
        if (byte != '\0') out += byte;   // no peer gets a terminator into our strings
    }
    return out;
}

/// Row 2: the number without tel: or sip:, parameters and what only eyes need.
std::string bare(std::string_view user) {
    auto text = trim(user);
    for (std::string_view const scheme : {"tel:", "sips:", "sip:"})
        if (starts_with_word(text, scheme)) text.remove_prefix(scheme.size());
    text = text.substr(0, text.find(';'));
    std::string out;
    for (char const c : text)
        if (std::string_view{" -.()"}.find(c) == std::string_view::npos) out += c;
    return out;
}

/// Toll-free 1800 and 1860, the 1600 and 140 series of banks and telemarketers: numbers of the country, not of a subscriber.
bool national_series(std::string_view digits) {
    auto const size = digits.size();
    if (digits.starts_with("1800") || digits.starts_with("1860")) return size >= 10 && size <= 13;
    return size == 10 && (digits.starts_with("1600") || digits.starts_with("140"));
}

std::optional<std::string> national(std::string_view digits) {
    for (std::string_view const prefix : {"", "0", "91"})
        if (digits.starts_with(prefix) && national_series(digits.substr(prefix.size()))) return std::string{digits.substr(prefix.size())};
    return std::nullopt;
}

std::optional<std::string> e164(std::string_view number, std::string_view std_code) {
    auto const international = [](std::string_view digits) -> std::optional<std::string> {
        if (!all_digits(digits) || digits[0] == '0' || digits.size() < 7 || digits.size() > 15) return std::nullopt;
        return '+' + std::string{digits};
    };
    auto const indian = [](std::string_view ten) { return "+91" + std::string{ten}; };
    if (number.starts_with('+')) return international(number.substr(1));   // row 4
    if (!all_digits(number)) return std::nullopt;
    if (number.starts_with("00")) return international(number.substr(2));  // row 3
    if (national(number)) return std::nullopt;                             // row 10, before 5-8
    auto const size = number.size();
    if (size == 11 && number[0] == '0') return indian(number.substr(1));                            // row 5
    if (size == 12 && number.starts_with("91") && number[2] != '0') return indian(number.substr(2));  // row 6
    if (size == 10 && number[0] != '0') return indian(number);                                      // rows 7 and 8
    auto const local = size >= 6 && size <= 8 && !std_code.empty() && std_code.size() + size == 10;   // row 9
    if (local) return indian(std::string{std_code} + std::string{number});
    return std::nullopt;
}

// --- outgoing ---------------------------------------------------------------------------------------------------------------

/// user of RFC 3261 25.1: unreserved and user-unreserved stand as they are.
std::string escaped(std::string_view text) {
    constexpr std::string_view plain = "-_.!~*'()&=+$,;?/";
    std::string out;
    for (char const c : text) {
        auto const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || plain.find(c) != std::string_view::npos) out += c;
        else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

constexpr std::array<std::string_view, 5> template_words{"e164", "cc", "zero", "ten", "raw"};

std::string filled(std::string_view word, std::string_view number) {
    auto const is_e164 = number.starts_with('+') && all_digits(number.substr(1));
    if (word == "raw" || word == "e164" || !is_e164) return std::string{number};
    auto const digits = number.substr(1);
    if (word == "cc") return std::string{digits};
    auto const is_indian = digits.size() == 12 && digits.starts_with("91");
    if (word == "zero") return is_indian ? '0' + std::string{digits.substr(2)} : "00" + std::string{digits};
    return std::string{is_indian ? digits.substr(2) : digits};
}

}  // namespace

Party party_of(std::string_view user, std::string_view std_code) {
    Party party;
    party.raw = as_utf8(user, user_max);
    auto const plain = unescape(party.raw);
    auto number = bare(plain);
    if (number.empty() || same_word(number, "anonymous") || same_word(number, "unknown")) return withheld(std::move(party));   // row 1
    if (auto full = e164(number, std_code)) {
        party.value = *std::move(full);
        party.e164 = true;
    } else if (auto opaque = all_digits(number) ? national(number) : std::nullopt) {
        party.value = *std::move(opaque);   // row 10
    } else {
        party.value = all_digits(number) ? std::move(number) : as_utf8(trim(plain));   // rows 10 and 11
    }
    return party;
}

Party party_of_uri(std::string_view value, std::string_view std_code) {
    auto const [display_name, uri, params] = name_addr(value);
    auto user = uri;
    auto host = std::string_view{};
    auto const sip = starts_with_word(uri, "sip:") || starts_with_word(uri, "sips:");
    if (sip) {
        auto const rest = uri.substr(uri.find(':') + 1);
        auto const at = rest.find('@');
        user = at == std::string_view::npos ? std::string_view{} : rest.substr(0, at);
        host = at == std::string_view::npos ? rest : rest.substr(at + 1);
        user = user.substr(0, user.find(':'));   // a password is nobody's number
    } else if (starts_with_word(uri, "tel:")) {
        user.remove_prefix(4);
    }
    auto party = party_of(user, std_code);
    party.display_name = as_utf8(display_name, user_max);
    if (party.restricted || starts_with_word(host, "anonymous.invalid")) return withheld(std::move(party));
    return party;
}

Party withheld(Party party) {
    party.value = "anonymous";
    party.e164 = false;
    party.restricted = true;
    party.display_name.clear();
    return party;
}

std::vector<std::string> did_candidates(Party const& called, std::span<std::string const> dids) {
    std::vector<std::string> out;
    auto const add = [&](std::string const& candidate) {
        if (!candidate.empty() && std::ranges::find(out, candidate) == out.end()) out.push_back(candidate);
    };
    if (!called.restricted) add(called.value);
    add(called.raw);
    auto const digits = bare(unescape(called.e164 ? called.value : called.raw));
    if (digits.size() < 10) return out;
    auto const last_ten = std::string_view{digits}.substr(digits.size() - 10);
    if (!all_digits(last_ten)) return out;
    for (auto const& did : dids)
        if (did.ends_with(last_ten)) add(did);
    return out;
}

std::string outgoing(std::string_view format, std::string_view number) {
    std::string out;
    while (!format.empty()) {
        auto const open = format.find('{');
        out += format.substr(0, open);
        if (open == std::string_view::npos) break;
        auto const close = format.find('}', open);
        if (close == std::string_view::npos) break;
        out += filled(format.substr(open + 1, close - open - 1), number);
        format.remove_prefix(close + 1);
    }
    return escaped(out);
}

Result<> check_format(std::string_view format) {
    auto rest = format;
    while (true) {
        auto const brace = rest.find_first_of("{}");
        if (brace == std::string_view::npos) return {};
        auto const close = rest.find('}', brace);
        if (rest[brace] == '}' || close == std::string_view::npos)
            return fail(Errc::invalid, fmt::format("'{}' has an unpaired brace", format));
        auto const word = rest.substr(brace + 1, close - brace - 1);
        if (std::ranges::find(template_words, word) == template_words.end())
            return fail(Errc::invalid, fmt::format("'{{{}}}' is not one of {{e164}} {{cc}} {{zero}} {{ten}} {{raw}}", word));
        rest.remove_prefix(close + 1);
    }
}

}  // namespace boni::sip
