// A carrier connection as the SIP side uses it (sip.md 5), read from the operator's JSON document. Plain values; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/names.hpp"
#include "base/secret.hpp"

namespace boni::sip {

enum class Transport { udp, tcp, tls };

/// Digest credentials (RFC 7616). Chosen by (trunk, realm): an empty realm answers any realm of that trunk only.
struct Login {
    std::string user;
    Secret secret;
    std::string realm;
};

/// An address range in CIDR notation; a single address has the full prefix.
struct Cidr {
    Address base;
    int prefix = 0;
    static Result<Cidr> parse(std::string_view text);    ///< "203.0.113.0/24", "2001:db8::/32" or one address
    bool contains(Address const& address) const;         ///< the port is not compared
};

/// A next hop. Without a port SRV decides, then 5060 or 5061 (RFC 3263).
struct Target {
    std::string host;                       ///< name or literal, without brackets
    std::optional<std::uint16_t> port;
    Transport transport = Transport::udp;
    bool operator==(Target const&) const = default;
};

enum class TrunkKind { ip, registering, tls, meta, digest };
enum class Nat { automatic, on, off };

/// Templates of sip.md 6: {e164} {cc} {zero} {ten} {raw}.
struct NumberFormats {
    std::string request_uri = "{e164}";
    std::string from = "{e164}";
    std::string asserted;                   ///< P-Asserted-Identity; empty: not sent
    std::string std_code;                   ///< default STD code for local numbers coming in, without the 0
};

/// One direction. 0: no limit.
struct TrunkLimit {
    int channels = 0;
    int cps = 0;
};

struct Trunk {
    std::string name;                       ///< unique; the label of its metrics
    TrunkKind kind = TrunkKind::ip;
    bool test = false;                      ///< serves test tenants only
    std::vector<Cidr> addresses;            ///< allowed sources
    std::vector<std::string> tls_names;     ///< certificate names a `tls` peer may show
    std::vector<Target> targets;            ///< next hops, in order
    std::optional<Login> auth;              ///< ours to the carrier; of a `digest` trunk its own to us, from any address, as well
    std::vector<std::string> codecs{"PCMA", "PCMU", "telephone-event"};
    NumberFormats numbers;
    TrunkLimit in;
    TrunkLimit out;
    int max_minutes_day = 0;                ///< talked in both directions since midnight in India; then new calls are refused. 0: no limit
    std::chrono::seconds health_every = 30s;    ///< 15-60 s; 0: no OPTIONS are sent
    Nat nat = Nat::automatic;
    bool timers = true;                     ///< offer RFC 4028 timers
    bool update = true;
    bool reliable = true;                   ///< offer 100rel
    bool refer = false;                     ///< the carrier knows REFER: it is in our Allow
    bool early_media = true;                ///< lets us be heard before the answer, in a 183
    std::chrono::seconds media_timeout{30};     ///< without RTP and RTCP for so long a call ends; 5-600
    int redirects_max = 0;                  ///< 3xx followed, at most 3
    std::string public_address;             ///< overrides the endpoint's in Contact and SDP
    std::vector<std::string> dids;          ///< E.164; the only ones the last-ten-digits match may find
    std::string lsa;
    std::string leg_class = "PSTN_IN";

    bool asked() const { return kind != TrunkKind::registering && !targets.empty() && health_every > 0s; }   ///< by OPTIONS, whether it is there
};

/// Reads the operator's document; unknown keys and bad values are Errc::invalid with the field. `secret` is the opened one.
Result<Trunk> trunk_from(std::string name, bool test, json::object const& config, Secret secret);

}  // namespace boni::sip

namespace boni {
template <>
inline constexpr auto names_of<sip::Transport> =
    names<sip::Transport>({{sip::Transport::udp, "udp"}, {sip::Transport::tcp, "tcp"}, {sip::Transport::tls, "tls"}});
template <>
inline constexpr auto names_of<sip::TrunkKind> = names<sip::TrunkKind>({{sip::TrunkKind::ip, "ip"},
    {sip::TrunkKind::registering, "register"}, {sip::TrunkKind::tls, "tls"}, {sip::TrunkKind::meta, "meta"},
    {sip::TrunkKind::digest, "digest"}});
template <>
inline constexpr auto names_of<sip::Nat> =
    names<sip::Nat>({{sip::Nat::automatic, "auto"}, {sip::Nat::on, "on"}, {sip::Nat::off, "off"}});
}  // namespace boni
