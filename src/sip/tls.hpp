// TLS contexts for libre's connections: the server's, and one per name we call (sip.md 1.4). Thread: SIP.
// libre connects without SNI and without checking the certificate; a context that belongs to one name does both for it.
#pragma once

#include <string>
#include <vector>

#include "sip/re.hpp"

namespace boni::sip {

/// Key, leaf and chain of one PEM file; TLS 1.2 and newer; asks clients for a certificate but does without. Errc::invalid names
/// the file.
Result<re::Ref<struct tls>> server_tls(std::string const& pem_file, std::string const& ca_file);
/// Loads the PEM file again into the same context: new connections get the new chain. On failure the old one stays.
Result<> reload_tls(struct tls& context, std::string const& pem_file);
/// Sends `name` as SNI and refuses a peer whose certificate does not stand for it; an address is checked as one, without SNI.
/// `pem_file` is shown to peers that ask who calls; empty: nothing is.
Result<re::Ref<struct tls>> client_tls(std::string const& name, std::string const& ca_file, std::string const& pem_file);

/// Within the handler of a message that came over TLS on a connection the peer opened: the DNS names and common name of its
/// certificate, in lower case. Empty without a certificate or when its chain is not trusted.
std::vector<std::string> peer_names();

}  // namespace boni::sip
