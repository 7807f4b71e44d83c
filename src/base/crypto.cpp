#include "base/crypto.hpp"

#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace boni {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
Cipher new_cipher() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

unsigned char const* bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// EVP_sha256() would be looked up at each use.
EVP_MD const* sha256_algorithm() {
    static auto const* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

using Mac = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;
Mac new_hmac_sha256() {
    static auto* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    std::string digest{"SHA256"};
    std::array const parameters{OSSL_PARAM_construct_utf8_string("digest", digest.data(), digest.size()), OSSL_PARAM_construct_end()};
    Mac mac{EVP_MAC_CTX_new(algorithm), &EVP_MAC_CTX_free};
    ENSURE(mac && EVP_MAC_CTX_set_params(mac.get(), parameters.data()) == 1);
    return mac;
}

constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        auto value = i;
        for (auto bit = 0; bit < 8; ++bit) value = value & 1 ? 0xEDB88320u ^ value >> 1 : value >> 1;
        table[i] = value;
    }
    return table;
}();

}  // namespace

void random_bytes(std::span<std::uint8_t> out) { ENSURE(RAND_bytes(out.data(), int(out.size())) == 1); }

Secret random_secret(std::size_t bytes) {
    std::string raw(bytes, '\0');
    random_bytes({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
    return Secret{std::move(raw)};
}

std::uint32_t random_below(std::uint32_t bound) {
    ENSURE(bound > 0);
    std::array<std::uint8_t, 8> raw;
    random_bytes(raw);
    std::uint64_t value = 0;
    for (auto const byte : raw) value = value << 8 | byte;
    return std::uint32_t(value % bound);
}

Sha256 sha256(std::string_view data) {
    using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
    thread_local Context const context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};   // making one costs more than hashing an API key does
    Sha256 out;
    ENSURE(context && EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1 &&
           EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
    return out;
}

Sha256 hmac_sha256(std::string_view key, std::string_view data) {
    thread_local Mac const mac = new_hmac_sha256();   // HMAC() would look both algorithms up at each use
    std::string_view const held = key.empty() ? "" : key;   // no address would mean the key of before
    Sha256 out;
    std::size_t size = 0;
    ENSURE(EVP_MAC_init(mac.get(), bytes(held), held.size(), nullptr) == 1 && EVP_MAC_update(mac.get(), bytes(data), data.size()) == 1 &&
           EVP_MAC_final(mac.get(), out.data(), &size, out.size()) == 1 && size == out.size());
    return out;
}

std::string md5_hex(std::string_view data) {
    std::array<std::uint8_t, 16> out;
    ENSURE(EVP_Digest(data.data(), data.size(), out.data(), nullptr, EVP_md5(), nullptr) == 1);
    return hex(out);
}

std::string hex(std::span<std::uint8_t const> raw) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(raw.size() * 2);
    for (auto const byte : raw) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

std::string base64(std::string_view raw) {
    std::string text((raw.size() + 2) / 3 * 4 + 1, '\0');
    text.resize(std::size_t(EVP_EncodeBlock(bytes(text), bytes(raw), int(raw.size()))));
    return text;
}

Result<std::string> unbase64(std::string_view text) {
    auto const padding = text.ends_with("==") ? 2uz : text.ends_with('=') ? 1uz : 0uz;
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto const body = text.substr(0, text.size() - padding);
    if (text.size() % 4 != 0 || body.find_first_not_of(alphabet) != std::string_view::npos)
        return fail(Errc::malformed, "not base64");
    std::string out(text.size() / 4 * 3, '\0');
    auto const size = EVP_DecodeBlock(bytes(out), bytes(text), int(text.size()));
    if (size < 0) return fail(Errc::malformed, "not base64");
    out.resize(std::size_t(size) - padding);
    return out;
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::uint32_t crc32(std::string_view data) {
    std::uint32_t value = ~0u;
    for (auto const byte : data) value = crc_table[(value ^ std::uint8_t(byte)) & 0xff] ^ value >> 8;
    return ~value;
}

std::string seal(std::string_view key32, std::string_view plain, std::string_view context) {
    ENSURE(key32.size() == 32);
    std::string out(nonce_size + plain.size() + tag_size, '\0');
    random_bytes({bytes(out), nonce_size});
    auto const cipher = new_cipher();
    int size = 0;
    ENSURE(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key32), bytes(out)) == 1);
    ENSURE(EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes(context), int(context.size())) == 1);
    ENSURE(EVP_EncryptUpdate(cipher.get(), bytes(out) + nonce_size, &size, bytes(plain), int(plain.size())) == 1);
    ENSURE(EVP_EncryptFinal_ex(cipher.get(), bytes(out) + nonce_size + size, &size) == 1);
    ENSURE(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, bytes(out) + nonce_size + plain.size()) == 1);
    return out;
}

Result<std::string> unseal(std::string_view key32, std::string_view sealed, std::string_view context) {
    ENSURE(key32.size() == 32);
    if (sealed.size() < nonce_size + tag_size) return fail(Errc::internal, "sealed value is too short");
    auto const body = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    std::string tag{sealed.substr(sealed.size() - tag_size)};
    std::string out(body.size(), '\0');
    auto const cipher = new_cipher();
    int size = 0;
    ENSURE(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key32), bytes(sealed)) == 1);
    ENSURE(EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes(context), int(context.size())) == 1);
    ENSURE(EVP_DecryptUpdate(cipher.get(), bytes(out), &size, bytes(body), int(body.size())) == 1);
    ENSURE(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1);
    if (EVP_DecryptFinal_ex(cipher.get(), bytes(out) + size, &size) != 1)
        return fail(Errc::internal, "a sealed value does not open: wrong master key or changed data");
    return out;
}

}  // namespace boni
