// A certificate authority and leaf certificates made in the test, as PEM files in a folder that goes with it.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace boni::test {

class Certificates {
  public:
    Certificates() {
        static int serial = 0;
        folder_ = std::filesystem::temp_directory_path() / ("boni-tls-" + std::to_string(::getpid()) + '-' + std::to_string(++serial));
        std::filesystem::create_directories(folder_);
        ca_ = make("Boni test CA", {}, nullptr, nullptr, true);
        write(ca_file(), nullptr, {ca_.get()});
    }
    ~Certificates() { std::filesystem::remove_all(folder_); }
    Certificates(Certificates const&) = delete;

    std::string ca_file() const { return folder_ / "ca.pem"; }
    /// Key, leaf and chain for these names ("DNS:example.com", "IP:127.0.0.1"), signed by the authority.
    std::string leaf(std::string const& names) {
        auto const certificate = make("leaf", names, ca_.get(), ca_key_.get(), false);
        auto const file = (folder_ / ("leaf" + std::to_string(++leaves_) + ".pem")).string();
        write(file, last_key_.get(), {certificate.get(), ca_.get()});
        return file;
    }

  private:
    using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

    Certificate make(char const* name, std::string const& names, X509* issuer, EVP_PKEY* issuer_key, bool authority) {
        Key key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
        Certificate out{X509_new(), &X509_free};
        X509_set_version(out.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(out.get()), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(out.get()), 86'400);
        X509_set_pubkey(out.get(), key.get());
        auto* const subject = X509_get_subject_name(out.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(name), -1, -1, 0);
        X509_set_issuer_name(out.get(), issuer ? X509_get_subject_name(issuer) : subject);
        X509V3_CTX context;
        X509V3_set_ctx(&context, issuer ? issuer : out.get(), out.get(), nullptr, nullptr, 0);
        extension(out.get(), context, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (!names.empty()) extension(out.get(), context, NID_subject_alt_name, names.c_str());
        REQUIRE(X509_sign(out.get(), issuer_key ? issuer_key : key.get(), EVP_sha256()) > 0);
        if (authority) ca_key_ = std::move(key);
        else last_key_ = std::move(key);
        return out;
    }
    static void extension(X509* to, X509V3_CTX& context, int nid, char const* value) {
        auto* const made = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
        REQUIRE(made != nullptr);
        X509_add_ext(to, made, -1);
        X509_EXTENSION_free(made);
    }
    static void write(std::string const& file, EVP_PKEY* key, std::vector<X509*> const& chain) {
        auto* const out = std::fopen(file.c_str(), "w");
        REQUIRE(out != nullptr);
        if (key) PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        for (auto* const one : chain) PEM_write_X509(out, one);
        std::fclose(out);
    }

    std::filesystem::path folder_;
    int serial_ = 0;
    int leaves_ = 0;
    Key ca_key_{nullptr, &EVP_PKEY_free};
    Key last_key_{nullptr, &EVP_PKEY_free};
    Certificate ca_{nullptr, &X509_free};
};

}  // namespace boni::test
