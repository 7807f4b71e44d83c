// The door to SIP: calls come in, calls go out, and each is a session that speaks in signals. Nothing of libre shows here.
//
// Thread: every member is called on the control thread, and every callback runs on the `control` executor. The endpoint owns the
// SIP thread and talks to it by posting values. Commands for a session that is gone are ignored: its `Ended` is on the way.
//
//   Endpoint endpoint{config, system_clock(), io.get_executor()};
//   endpoint.on_incoming([&](sip::Incoming call) { endpoint.listen(call.id, ...); endpoint.ring(call.id); });
//   CHECK_OK(endpoint.start());
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "sip/session.hpp"
#include "sip/streams.hpp"
#include "sip/trunk.hpp"

namespace boni::sip {

namespace asio = boost::asio;

enum class SessionId : std::uint64_t {};

/// Who calls or is called (sip.md 6).
struct Party {
    std::string value;           ///< "+919876543210" when e164, "anonymous" when restricted, else the user part as it came
    bool e164 = false;
    bool restricted = false;     ///< the caller withheld the number
    std::string raw;             ///< as received, always kept
    std::string display_name;
};

/// Who sent a call on to us, or to the next one who did (RFC 5806, RFC 7044).
struct Diversion {
    Party party;                 ///< restricted: withheld from everybody but the record
    std::string reason;          ///< "unconditional", "user-busy", of History-Info a status as "302"; empty: unsaid
    int count = 1;               ///< diversions it stands for, 1-100
    std::string raw;             ///< the value as received
};

/// An INVITE that passed admission and every check of the session layer. 100 has been sent.
struct Incoming {
    SessionId id{};
    std::string trunk;                       ///< name of the trunk it came from
    std::string lsa;                         ///< its licence area
    std::string leg_class = "PSTN_IN";
    bool test_trunk = false;
    std::vector<std::string> codecs;         ///< what the trunk speaks, in its order; empty: whatever we do
    bool reliable = false;                   ///< every 18x is acknowledged: the caller requires 100rel
    /// We may be heard before the answer: the trunk lets us, and there is an offer or a reliable 183 to take ours (RFC 3262 5).
    bool early_media = true;
    std::chrono::seconds media_timeout{30};  ///< silence that ends the call
    std::string public_address;              ///< what its trunk wants to see of us, in SDP as in Contact; empty: nothing special
    Party called;
    Party calling;                           ///< P-Asserted-Identity of a trunk before Remote-Party-ID before From (RFC 3325)
    std::string asserted_identity;           ///< number or user of P-Asserted-Identity, normalised; empty without, and of a caller who withholds it
    std::string remote_party;                ///< Remote-Party-ID as received, at most 1024 bytes
    std::vector<Diversion> diversions;       ///< the latest first, at most 10
    std::vector<std::pair<std::string, std::string>> x_headers;   ///< X-*, at most 16, each value at most 512 bytes
    std::string call_id;
    std::string local_tag;                   ///< ours, in To
    std::string remote_tag;                  ///< theirs, in From
    Transport transport = Transport::udp;
    Address source;
    Address local;                           ///< where it arrived
    std::optional<std::string> offer;        ///< SDP; none: late offer, `answer` carries ours
    Steady received_at{};                    ///< when the INVITE was read
    /// Numbers to look the called DID up by, best first: normalised, raw, then the trunk's DIDs with the same last ten digits.
    std::vector<std::string> did_candidates;
};

/// An outbound call.
struct Dial {
    /// "sip:user@host[:port][;transport=tcp|tls]", or empty with `trunk` set: the trunk's targets and templates make it of `to`.
    std::string request_uri;
    std::string to;                          ///< E.164 of the called party; only with a trunk and no request_uri
    std::string from_user;
    std::string from_display;
    std::optional<Address> next_hop;         ///< send there, whatever the URI says; already vetted by the caller
    std::optional<std::string> offer;        ///< SDP; none: late offer, signal Offer follows
    std::vector<std::pair<std::string, std::string>> headers;   ///< extra ones; CR and LF are refused
    std::optional<Login> credentials;        ///< outranks the trunk's
    std::string trunk;                       ///< empty: no trunk, no limits, no failover
};

/// One message of a call's ladder, secrets redacted.
struct LadderMessage {
    Instant at{};
    bool sent = false;
    Transport transport = Transport::udp;
    Address local;
    Address remote;
    std::string text;
};
constexpr std::size_t ladder_bytes_max = 256 * 1024;   ///< per call; later messages are dropped, the last entry says how many

struct TlsConfig {
    Address listen;                          ///< port 0: any
    std::string pem_file;                    ///< key, leaf, chain
    std::string ca_file;                     ///< trusted for outbound names and client certificates; empty: the system bundle
};

struct EndpointConfig {
    Address listen;                          ///< UDP and TCP; port 0: any, the same for both
    std::optional<TlsConfig> tls;            ///< server side; none: no TLS listener
    std::string outbound_ca_file;            ///< trusted for outbound TLS; empty: the system bundle
    std::string public_address;              ///< literal in Contact; empty: the local address
    std::vector<Address> dns_servers;        ///< empty: the system's
    StreamLimits streams{};                  ///< TCP and TLS connections of strangers
    std::size_t sessions_max = 5000;         ///< beyond it INVITE gets 503 with Retry-After
    Steady::duration patience = 500ms;       ///< so long a call may wait to be taken up before further ones get 503 (backlog.hpp)
    std::string realm = "boni";              ///< what callers of `digest` trunks are challenged with
    bool digest_md5 = true;                  ///< after SHA-256, for old phones
    SessionTimes times{};
    std::uint32_t session_expires = 1800;    ///< seconds
    std::chrono::milliseconds keep_alive = 25s;   ///< so often a registrar's way back to us is used; NATs forget one within 30 s
    /// Allows an address before any request of a session without a trunk leaves to it (egress.md 7). Runs on the SIP thread.
    std::function<bool(Address const&)> vet;
};

struct TrunkState {
    std::string name;
    bool up = true;
    int calls_in = 0;
    int calls_out = 0;
    double minutes_today = 0;                ///< talked since midnight in India, since the start of the process at most
};

class Endpoint {
  public:
    Endpoint(EndpointConfig config, Clock& clock, asio::any_io_executor control);
    ~Endpoint();                             ///< stops
    Endpoint(Endpoint const&) = delete;
    Endpoint& operator=(Endpoint const&) = delete;

    /// Binds every listener and starts the SIP thread; afterwards `udp` and `tls` are known. Errc::unavailable with the address.
    Result<> start();
    Address udp() const;                     ///< UDP and TCP share address and port
    std::optional<Address> tls() const;

    /// Set before start. Sources that no trunk matches never get here.
    void on_incoming(std::function<void(Incoming)> handler);
    /// Every message of a session, once, when nothing of it is left to exchange; after its Ended. Set before start.
    void on_ladder(std::function<void(SessionId, std::vector<LadderMessage>)> handler);
    /// Signals of one session in order, the ones that came before included; `Ended` is the last, then the listener is dropped.
    /// signal::Incoming is not among them: its content is in `Incoming`.
    void listen(SessionId id, std::function<void(Signal)> listener);

    void ring(SessionId id, std::string offer = {});                    ///< 180; with our offer when it is the first reliable answer to none
    void early_media(SessionId id, std::string sdp);                    ///< 183
    void answer(SessionId id, std::string sdp);
    /// `warning`: what is wrong with their SDP, for a 488.
    void reject(SessionId id, int status, Cause cause, std::optional<std::uint32_t> retry_after = {}, std::string warning = {});
    /// BYE, CANCEL or a final reply, whatever the state needs, with the cause's Reason unless `reason` replaces it.
    void hangup(SessionId id, Cause cause, std::string text = {}, std::optional<Reason> reason = {});
    void answer_offer(SessionId id, std::string sdp);                   ///< to signals Offer and OfferWanted
    void refuse_offer(SessionId id, int status = 488, std::string warning = {});
    void reoffer(SessionId id, std::string sdp);                        ///< our re-INVITE
    /// Returns at once; what becomes of it is told by signals, a dial that cannot start by Ended.
    SessionId dial(Dial dial);

    /// Replaces all trunks; live calls keep the one they have. Names that stay keep their health and their counts.
    void set_trunks(std::vector<Trunk> trunks);
    std::vector<TrunkState> trunks() const;  ///< waits for the SIP thread, at most a loop turn
    Result<> reload_tls();                   ///< reads the PEM file again; on failure the old chain stays

    void drain();                            ///< from now on new INVITE and OPTIONS get 503 with Retry-After
    /// Returns when nothing of any session is left to exchange and every ladder is told, or after `limit`. Behind `drain`, before `stop`.
    Task<> settle(std::chrono::milliseconds limit);
    void stop();                             ///< ends the SIP thread without another packet; idempotent

  private:
    struct Control;
    void command(SessionId id, Input input);
    std::shared_ptr<Control> control_;       ///< shared: what is posted to the executor holds it weakly
};

}  // namespace boni::sip
