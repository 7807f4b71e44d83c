#include "api/key_format.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ranges>

#include "base/crypto.hpp"

namespace boni::api {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view starts[] = {"vp_live_", "vp_test_", "vp_oper_"};   // in the order of KeyKind
constexpr std::size_t start_size = 8;
constexpr std::size_t random_digits = 22;    // 62^22 > 2^128
constexpr std::size_t checksum_digits = 6;   // 62^6 > 2^32
constexpr std::size_t key_size = start_size + random_digits + checksum_digits;
constexpr std::size_t prefix_size = 12;

template <class Number>
std::string base62(Number number, std::size_t digits) {
    std::string out(digits, '0');
    for (auto& digit : std::views::reverse(out)) {
        digit = alphabet[std::size_t(number % 62)];
        number /= 62;
    }
    return out;
}

std::string checksum(std::string_view before) { return base62(crc32(before), checksum_digits); }

}  // namespace

NewKey make_key(KeyKind kind) {
    std::array<std::uint8_t, 16> random;
    random_bytes(random);
    unsigned __int128 number = 0;
    for (auto const byte : random) number = number << 8 | byte;
    NewKey key;
    key.shown = std::string{starts[std::size_t(kind)]} + base62(number, random_digits);
    key.shown += checksum(key.shown);
    key.prefix = key.shown.substr(0, prefix_size);
    key.hash = sha256_hex(key.shown);
    return key;
}

bool well_formed(std::string_view text) {
    if (text.size() != key_size) return false;
    if (std::ranges::find(starts, text.substr(0, start_size)) == std::end(starts)) return false;
    if (text.substr(start_size).find_first_not_of(alphabet) != text.npos) return false;
    return text.substr(key_size - checksum_digits) == checksum(text.substr(0, key_size - checksum_digits));
}

}  // namespace boni::api
