// TLS contexts for libre's connections: the server's, and one per name we call (sip.md 1.4). Thread: SIP.
// libre connects without SNI and without checking the certificate; a context that belongs to one name does both for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "sip/re.hpp"

namespace boni::sip {

/// The certificate we show: key, leaf and chain of one PEM file. Contexts made with it, which it outlives, ask it for each connection anew.
class OwnCertificate {
  public:
    /// New connections show what is in the file now; on failure, Errc::invalid with the file's name, what they showed before.
    Result<> read(std::string const& pem_file);
    /// On every connection of the context. Shows nothing until something was read.
    void show_on(SSL_CTX* context);

  private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> holder_;   // of no connection
};

/// TLS 1.2 and newer; asks clients for a certificate but does without.
Result<re::Ref<struct tls>> server_tls(OwnCertificate& own, std::string const& ca_file);
/// Sends `name` as SNI and refuses a peer whose certificate does not stand for it; an address is checked as one, without SNI.
/// `own` is shown to peers that ask who calls.
Result<re::Ref<struct tls>> client_tls(std::string const& name, std::string const& ca_file, OwnCertificate& own);

/// Within the handler of a message that came over TLS on a connection the peer opened: the DNS names and common name of its
/// certificate, in lower case. Empty without a certificate or when its chain is not trusted.
std::vector<std::string> peer_names();

}  // namespace boni::sip
