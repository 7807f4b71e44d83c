// The wire: libre's listeners for UDP, TCP and TLS, a libre stack for each address of ours that is listened on, because libre has no
// wildcard, and one per TLS name we call, because libre knows its connections by address alone (sip.md 1.4). Thread: SIP, from `open`
// to destruction.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sip/endpoint.hpp"
#include "sip/re.hpp"
#include "sip/tls.hpp"

namespace boni::sip {

/// Where a message goes.
struct Hop {
    Address address;
    Transport transport = Transport::udp;
    std::string tls_name{};          ///< name the peer's certificate must show; transport tls only
    bool operator==(Hop const&) const = default;
};

/// What the transport hands up, all of it from within libre's loop.
struct TransportEvents {
    std::function<void(struct sip*, struct sip_msg const&)> request;
    std::function<void(struct sip_msg const&)> response;     ///< that belongs to no client transaction: a repeated 2xx
    /// Every message, both ways, before it is looked at or sent.
    std::function<void(bool sent, Transport, Address const& local, Address const& remote, std::string_view text)> trace;
};

constexpr std::string_view keep_alive_text = "\r\n\r\n";   // no message: who does not know it takes it for blank lines

class Wires {
  public:
    explicit Wires(TransportEvents events) : events_{std::move(events)} {}
    ~Wires();
    Wires(Wires const&) = delete;

    Result<> open(EndpointConfig const& config);
    Address udp() const { return udp_; }                     ///< as configured, a wildcard too; with the port it has
    std::optional<Address> tls() const { return tls_; }
    /// A wildcard's listeners on addresses that have come since; to be called now and then.
    void follow_interfaces();

    /// The libre stack that reaches `hop`; made at first use for a TLS name. At most `tls_names_max`, then Errc::limit.
    Result<struct sip*> stack_for(Hop const& hop);
    /// What we call ourselves towards a peer: host (bracketed when IPv6) and port, for Via and Contact. `public_host` outranks.
    std::string sent_by(Hop const& hop, std::string const& public_host = {});
    /// True for a host and port that `sent_by` could have given.
    bool ours(Address const& sent_by) const;
    Result<> reload();               ///< our certificate, from its file
    void silence();                  ///< nothing leaves or arrives from now on

    static constexpr std::size_t tls_names_max = 1024;   // a listener and a context each, some 60 KiB

  private:
    struct Stack {
        Wires* wires;
        Address here{};              ///< of a listener; its port is nobody's concern
        bool plain = false, over_tls = false;   ///< what is listened to there
        re::Ref<struct sip> sip{};
        re::Ref<struct sip_lsnr> requests{}, responses{};
    };
    enum class Size { small, large };
    Result<std::unique_ptr<Stack>> make_stack(Size size);
    Result<> listen_everywhere();
    Stack* listener_at(Address const& here);
    Result<> listen_plainly(Address at);
    Result<> listen_over_tls(Address at);
    Stack& stack_towards(Address const& peer);
    std::string local_host(Address const& peer);

    TransportEvents events_;
    EndpointConfig const* config_ = nullptr;
    OwnCertificate own_;
    std::vector<std::unique_ptr<Stack>> listeners_;   // once open the first one is plain
    std::string not_listening_;      // why, as last told
    re::Ref<struct tls> server_tls_;
    std::map<std::string, std::unique_ptr<Stack>> by_tls_name_;
    Address udp_;
    std::optional<Address> tls_;
    std::map<std::string, std::string> local_hosts_;   // by peer IP; only for a wildcard listener
};

/// libre names its listener in the Via it just wrote behind the request line; what the peer should see may differ (wildcard,
/// public address). Replaces it and returns the new value; `error` is libre's.
std::string rewrite_via(struct mbuf& request, enum sip_transp transport, std::string const& sent_by, int& error);
std::string bracketed(Address const& address);       ///< host of a URI: "192.0.2.1", "[2001:db8::1]"

}  // namespace boni::sip
