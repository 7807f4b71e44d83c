#include "app/dev_certificate.hpp"

#include <array>
#include <memory>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "app/private_file.hpp"
#include "base/crypto.hpp"

namespace boni::app {
namespace {

constexpr long valid_days = 825;         // the longest that clients accept from a private authority
constexpr long left_days_min = 1;

template <auto free>
struct Freed {
    template <class T> void operator()(T* one) const { free(one); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

/// OpenSSL fails here only when memory is out or this file is wrong.
void must(bool done) { ENSURE(done); }

Key new_key() {
    Key key{EVP_EC_gen("P-256")};
    must(key != nullptr);
    return key;
}

void extend(X509* certificate, X509* issuer, int nid, std::string const& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    Extension const extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
    must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Unsigned; `issuer` null: its own.
Certificate new_certificate(std::string const& name, EVP_PKEY* key, X509* issuer, Instant now) {
    Certificate certificate{X509_new()};
    std::array<std::uint8_t, 8> serial{};
    random_bytes(serial);
    std::uint64_t number = 1;
    for (auto const byte : serial) number = (number << 7) ^ byte;
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), number) == 1);
    auto start = std::time_t(unix_seconds(now) - 3600);   // peers whose clock is a little behind
    must(X509_set_version(certificate.get(), 2) == 1);
    must(X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, 0, &start) != nullptr);
    must(X509_time_adj_ex(X509_getm_notAfter(certificate.get()), int(valid_days), 0, &start) != nullptr);
    auto* const subject = X509_get_subject_name(certificate.get());
    must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(name.c_str()), -1, -1, 0) == 1);
    must(X509_set_issuer_name(certificate.get(), issuer ? X509_get_subject_name(issuer) : subject) == 1);
    must(X509_set_pubkey(certificate.get(), key) == 1);
    return certificate;
}

template <class Write>
std::string pem(Write write) {
    Bio const memory{BIO_new(BIO_s_mem())};
    must(write(memory.get()) == 1);
    char* text = nullptr;
    auto const size = BIO_get_mem_data(memory.get(), &text);
    return {text, std::size_t(size)};
}

std::string pem_of(X509* certificate) {
    return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}
std::string pem_of(EVP_PKEY* key) {
    return pem([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

bool good(std::string const& text, Address const& also, Instant now) {
    Bio const memory{BIO_new_mem_buf(text.data(), int(text.size()))};
    Certificate const certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)};
    if (!certificate) return false;
    auto const until = std::time_t(unix_seconds(now) + left_days_min * 86'400);
    auto until_copy = until;
    if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &until_copy) <= 0) return false;
    return also.any() || X509_check_ip_asc(certificate.get(), also.ip_text().c_str(), 0) == 1;
}

}  // namespace

Result<DevCertificate> dev_certificate(std::filesystem::path const& folder, Address const& also, Instant now) {
    DevCertificate const files{folder / "ca.pem", folder / "sips.pem"};
    TRY(auto const known, read_private(files.pem_file));
    if (known && good(*known, also, now) && std::filesystem::exists(files.ca_file)) return files;

    auto const ca_key = new_key();
    auto const ca = new_certificate("Boni dev authority", ca_key.get(), nullptr, now);
    extend(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    extend(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    must(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) > 0);

    auto const key = new_key();
    auto const leaf = new_certificate("localhost", key.get(), ca.get(), now);
    extend(leaf.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    extend(leaf.get(), ca.get(), NID_key_usage, "critical,digitalSignature");
    extend(leaf.get(), ca.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    extend(leaf.get(), ca.get(), NID_authority_key_identifier, "keyid");
    auto names = std::string{"DNS:localhost,IP:127.0.0.1,IP:::1"};
    if (!also.any()) names += fmt::format(",IP:{}", also.ip_text());
    extend(leaf.get(), ca.get(), NID_subject_alt_name, names);
    must(X509_sign(leaf.get(), ca_key.get(), EVP_sha256()) > 0);

    CHECK_OK(write_private(files.pem_file, pem_of(key.get()) + pem_of(leaf.get()) + pem_of(ca.get())));
    CHECK_OK(write_private(files.ca_file, pem_of(ca.get())));
    return files;
}

}  // namespace boni::app
