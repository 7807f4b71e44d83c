#include "model/phone.hpp"

#include "base/ascii.hpp"

namespace boni::model {

std::optional<std::string> phone_number(std::string_view text) {
    constexpr std::size_t ten = 10;
    auto const international = text.starts_with('+');
    auto digits = international ? text.substr(1) : text;
    if (!all_digits(digits)) return std::nullopt;
    if (international) return digits.size() >= 7 && digits.size() <= 15 ? std::optional{std::string{text}} : std::nullopt;
    if (digits.size() == ten + 2 && digits.starts_with("91")) digits.remove_prefix(2);
    else if (digits.size() == ten + 1 && digits.starts_with('0')) digits.remove_prefix(1);
    if (digits.size() != ten) return std::nullopt;
    return "+91" + std::string{digits};
}

}  // namespace boni::model
