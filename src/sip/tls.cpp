#include "sip/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/ascii.hpp"

namespace boni::sip {
namespace {

constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";   // of TLS 1.2; those of 1.3 are all fine

// libre does not tell which connection a message came from. Records are decrypted and messages handed up on one stack, so the
// connection whose record was read last is the one. Set and used on the SIP thread within one call.
thread_local SSL* reading = nullptr;

void on_record(int written, int, int content_type, void const*, std::size_t, SSL* connection, void*) {
    if (!written && content_type == SSL3_RT_HEADER) reading = connection;
}

void add_server_name(SSL const* connection, int where, int) {
    if ((where & SSL_CB_HANDSHAKE_START) == 0 || SSL_is_server(connection)) return;
    auto* const self = const_cast<SSL*>(connection);
    auto const* const name = X509_VERIFY_PARAM_get0_host(SSL_get0_param(self), 0);
    if (name) SSL_set_tlsext_host_name(self, name);
}

int accept_any(int, X509_STORE_CTX*) { return 1; }   // the result is kept and decides in peer_names()

Result<> trust(SSL_CTX* context, std::string const& ca_file) {
    auto const loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                        : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr);
    if (loaded == 1) return {};
    ERR_clear_error();
    return fail(Errc::invalid, "'" + ca_file + "' is not a file of CA certificates");
}

Result<re::Ref<struct tls>> bare_context() {
    re::Ref<struct tls> tls;
    if (tls_alloc(tls.place(), TLS_METHOD_SSLV23, nullptr, nullptr) != 0) return fail(Errc::internal, "no TLS context");
    auto* const context = tls_openssl_context(tls.get());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, ciphers);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_msg_callback(context, on_record);
    return tls;
}

void add_name(std::vector<std::string>& names, ASN1_STRING const* text) {
    if (!text) return;
    std::string_view const value{reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)), std::size_t(ASN1_STRING_length(text))};
    if (!value.empty() && value.find('\0') == std::string_view::npos) names.push_back(lower(value));
}

}  // namespace

Result<> OwnCertificate::read(std::string const& pem_file) {
    std::unique_ptr<SSL_CTX, Free> holder{SSL_CTX_new(TLS_server_method())};
    if (holder) SSL_CTX_set_default_passwd_cb(holder.get(), [](char*, int, int, void*) { return 0; });   // else OpenSSL asks the terminal
    if (holder && SSL_CTX_use_certificate_chain_file(holder.get(), pem_file.c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(holder.get(), pem_file.c_str(), SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(holder.get()) == 1) {
        holder_ = std::move(holder);
        return {};
    }
    ERR_clear_error();
    return fail(Errc::invalid, "'" + pem_file + "' does not hold a certificate chain and its private key");
}

/// Not into the context: one that had an RSA key and is given an ECDSA one keeps both, and goes on showing the old certificate to some.
void OwnCertificate::show_on(SSL_CTX* context) {
    SSL_CTX_set_cert_cb(context, [](SSL* connection, void* self) {
        auto* const holder = static_cast<OwnCertificate*>(self)->holder_.get();
        if (!holder) return 1;
        STACK_OF(X509)* chain = nullptr;
        SSL_CTX_get0_chain_certs(holder, &chain);
        SSL_certs_clear(connection);
        return SSL_use_cert_and_key(connection, SSL_CTX_get0_certificate(holder), SSL_CTX_get0_privatekey(holder), chain, 1);
    }, this);
}

Result<re::Ref<struct tls>> server_tls(OwnCertificate& own, std::string const& ca_file) {
    TRY(auto tls, bare_context());
    auto* const context = tls_openssl_context(tls.get());
    own.show_on(context);
    CHECK_OK(trust(context, ca_file));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
    constexpr unsigned char id[] = "boni";   // without it a session with a client certificate cannot be resumed
    SSL_CTX_set_session_id_context(context, id, sizeof id - 1);
    return tls;
}

Result<re::Ref<struct tls>> client_tls(std::string const& name, std::string const& ca_file, OwnCertificate& own) {
    TRY(auto tls, bare_context());
    auto* const context = tls_openssl_context(tls.get());
    own.show_on(context);
    CHECK_OK(trust(context, ca_file));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    auto* const param = SSL_CTX_get0_param(context);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str()) == 1) return tls;
    ERR_clear_error();
    if (X509_VERIFY_PARAM_set1_host(param, name.c_str(), 0) != 1) return fail(Errc::invalid, "'" + name + "' is not a host name");
    SSL_CTX_set_info_callback(context, add_server_name);
    return tls;
}

std::vector<std::string> peer_names() {
    std::vector<std::string> names;
    if (!reading || SSL_get_verify_result(reading) != X509_V_OK) return names;
    std::unique_ptr<X509, decltype(&X509_free)> const certificate{SSL_get1_peer_certificate(reading), &X509_free};
    if (!certificate) return names;
    auto* const alternatives = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i)
        if (auto const* const one = sk_GENERAL_NAME_value(alternatives, i); one->type == GEN_DNS) add_name(names, one->d.dNSName);
    GENERAL_NAMES_free(alternatives);
    if (!names.empty()) return names;   // the common name counts only without them (RFC 5922 7.1)
    auto* const subject = X509_get_subject_name(certificate.get());
    auto const at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0) add_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    return names;
}

}  // namespace boni::sip
