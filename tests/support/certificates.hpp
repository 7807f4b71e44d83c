// A certificate authority for one test: keys and certificates as PEM files in a directory that goes away with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/result.hpp"

namespace boni::test {

class Certificates {
  public:
    enum class Kind { ecdsa, rsa };
    Certificates() : key_{EVP_EC_gen("P-256")}, ca_{sign("Test CA", "", key_.get())} {
        char pattern[] = "/tmp/boni-certificates-XXXXXX";
        ENSURE(mkdtemp(pattern));
        folder_ = pattern;
        write(ca_file(), {ca_.get()}, nullptr);
    }
    ~Certificates() { std::filesystem::remove_all(folder_); }
    Certificates(Certificates const&) = delete;

    std::string ca_file() const { return folder_ / "ca.pem"; }
    /// Key, leaf and authority for `names`, e.g. "DNS:localhost,IP:127.0.0.1", in a file of their own; its path.
    std::string leaf(std::string const& names) { return leaf("leaf" + std::to_string(++leaves_), names); }
    /// The same in a file of that name, which it replaces.
    std::string leaf(std::string const& file, std::string const& names, Kind kind = Kind::ecdsa) {
        Key const key{kind == Kind::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")};
        auto const path = (folder_ / file).string();
        write(path, {sign(file.c_str(), names, key.get()).get(), ca_.get()}, key.get());
        return path;
    }

  private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(BIO* file) const { BIO_free(file); }
    };
    using Key = std::unique_ptr<EVP_PKEY, Free>;
    using Certificate = std::unique_ptr<X509, Free>;

    /// Without names: the authority itself.
    Certificate sign(char const* name, std::string const& names, EVP_PKEY* subject) {
        Certificate out{X509_new()};
        X509_set_version(out.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(out.get()), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(out.get()), 3600);
        X509_set_pubkey(out.get(), subject);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(name), -1, -1, 0);
        X509_set_issuer_name(out.get(), X509_get_subject_name(ca_ ? ca_.get() : out.get()));
        extend(out.get(), NID_basic_constraints, names.empty() ? "critical,CA:TRUE" : "CA:FALSE");
        if (!names.empty()) extend(out.get(), NID_subject_alt_name, names.c_str());
        ENSURE(X509_sign(out.get(), key_.get(), EVP_sha256()) > 0);
        return out;
    }
    static void extend(X509* certificate, int what, char const* value) {
        auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
        ENSURE(extension);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    static void write(std::string const& path, std::initializer_list<X509*> certificates, EVP_PKEY* key) {
        std::unique_ptr<BIO, Free> const file{BIO_new_file(path.c_str(), "w")};
        ENSURE(file);
        if (key) PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
        for (auto* const one : certificates) PEM_write_bio_X509(file.get(), one);
    }

    int serial_ = 0;
    int leaves_ = 0;
    Key key_;
    Certificate ca_;
    std::filesystem::path folder_;
};

}  // namespace boni::test
