// One INVITE dialog set as a pure state machine: no sockets, no threads, no clock of its own (RFC 3261, 3262, 3264, 3311, 4028).
//
// How to drive it:
//   auto actions = session.on(input, now);   // perform actions.send in order, then pass actions.tell to the call
//   rearm one timer at session.wake();       // it fires: session.on(Tick{}, now); firing early is harmless
//   session.done() -> destroy it.            // `Ended` comes when the outcome is certain, `done` when nothing is left to exchange
//
// Division of labour with the transport side:
//   - client transactions (retransmission of requests, ACK to non-2xx, timers B and F) are the transport's; the session names
//     each request by a `transaction` number of its own and expects Response or Failed with that number;
//   - 401 and 407 are answered by the transport with digest.hpp under the same number; they reach the session only when that is
//     not possible, and always once `Send` with method cancel was performed on that number;
//   - a CANCEL from the peer is answered 200 by the transport and handed in as Request{cancel} with the *INVITE's* number;
//   - CSeq numbers of our requests are the dialog's: it writes the next one, except ACK, which repeats `Send::cseq`;
//   - 2xx and reliable 1xx are repeated on `Retransmit`: the transport keeps the last bytes it sent in that server transaction.
//
//   UAS: incoming -> proceeding -> early -> accepted (200 sent) -> confirmed -> ending -> ended
//   UAC: calling -> proceeding -> early -> confirmed -> ending -> ended;   cancelling from calling, proceeding, early
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "sip/cause.hpp"
#include "sip/message.hpp"

namespace boni::sip {

using Transaction = std::uint32_t;   ///< unique within one session and direction; ours and the peer's do not mix

// --- what goes in -----------------------------------------------------------------------------------------------------------

/// From the peer. `transaction` is numbered by the transport, the same for a repetition it could not absorb.
struct Request {
    Transaction transaction = 0;
    Method method = Method::invite;
    std::uint32_t cseq = 0;
    std::string remote_tag;          ///< From tag
    Headers headers;
    Body body;
    int max_forwards = 70;
    bool looped = false;             ///< one of its Via branches is ours (RFC 3261 16.3)
};

struct Response {
    Transaction transaction = 0;     ///< as in Send
    int status = 0;
    std::uint32_t cseq = 0;          ///< number of the request it answers, as on the wire
    std::string remote_tag;          ///< To tag; tells forks apart
    Headers headers;
    Body body;
};

/// The request got no answer: transaction timeout, no address left, connection or TLS error.
struct Failed {
    Transaction transaction = 0;
    std::string why;
};

struct Tick {};                      ///< the timer of `wake()` fired

/// What the call asks for. Commands that no longer fit the state are ignored: the peer may just have hung up.
namespace command {
struct Start { std::string sdp; };                       ///< UAC: send the INVITE; empty sdp: late offer
struct Ring { std::string sdp; };                        ///< UAS: 180, with SDP when not empty
struct EarlyMedia { std::string sdp; };                  ///< UAS: 183 with SDP
struct Answer { std::string sdp; };                      ///< UAS: 200 with the answer (or our offer after an INVITE without SDP)
struct Reject {                                          ///< UAS: final failure before the answer
    int status = 480;
    Cause cause = Cause::normal;
    std::optional<std::uint32_t> retry_after;            ///< seconds
    std::string contact{};                               ///< for a 302
    std::string warning{};                               ///< what is wrong with their SDP; empty: nothing
};
/// Ends it in whatever way fits: final failure from the cause's table row, CANCEL, or BYE; each with Reason.
struct Hangup {
    Cause cause = Cause::normal;
    std::string text;
    std::optional<Reason> reason;                        ///< replaces the table's Q.850, e.g. {"RTP", 0, "no media"}
};
struct AnswerOffer { std::string sdp; };                 ///< answers signal Offer, or gives the offer OfferWanted asked for
struct RefuseOffer { int status = 488; std::string warning{}; };   ///< the old session stays
struct SendOffer { std::string sdp; };                   ///< our re-INVITE; waits for a stable state, a later one replaces a waiting one
}  // namespace command

using Input = std::variant<Request, Response, Failed, Tick, command::Start, command::Ring, command::EarlyMedia, command::Answer,
                           command::Reject, command::Hangup, command::AnswerOffer, command::RefuseOffer, command::SendOffer>;

// --- what comes out ---------------------------------------------------------------------------------------------------------

struct Respond {
    Transaction transaction = 0;     ///< of the Request
    int status = 0;
    Headers headers;                 ///< rseq set: a reliable provisional; keep its bytes for Retransmit
    Body body;
};

/// Repeat the last response of this server transaction, byte for byte.
struct Retransmit {
    Transaction transaction = 0;
};

struct Send {
    Transaction transaction = 0;     ///< ours; for ACK it is the INVITE's number and opens no transaction
    Method method = Method::invite;
    std::string dialog;              ///< remote tag of the dialog; empty: the INVITE that creates it, or its CANCEL
    std::uint32_t cseq = 0;          ///< ACK only: the CSeq it repeats
    Headers headers;
    Body body;
    std::string target{};            ///< request URI of a followed redirect; empty: as configured
};

/// No provisional for 6 s: leave the current address of this INVITE and send it to the next one; nothing when none is left.
struct NextAddress {
    Transaction transaction = 0;
};

/// For boni_sip_guard_total{guard}.
struct GuardPassed {
    std::string_view guard;
};

using Action = std::variant<Respond, Retransmit, Send, NextAddress, GuardPassed>;

/// The message that settled how a session ends.
struct EndedBy {
    Method method = Method::bye;     ///< bye, cancel, or invite: its final failure
    bool by_peer = false;            ///< who sent it; of an INVITE who refused it
    std::optional<Reason> reason{};  ///< it carried
    bool operator==(EndedBy const&) const = default;
};

/// Exactly one per session.
struct Ending {
    Cause cause = Cause::normal;
    bool by_peer = false;
    bool answered = false;
    int sip_status = 0;              ///< the final failure seen or sent; 0 after BYE or CANCEL
    int q850 = 0;                    ///< received, else the table's
    std::string text{};                ///< of a received Reason, or why the transport failed
    std::string_view guard{};          ///< named when a guard timer ended it
    std::string redirect{};          ///< Contact of a 3xx that was not followed
    std::optional<EndedBy> ended_by{};   ///< none: nothing came and nothing could be sent
};

namespace signal {
struct Incoming { std::string sdp; };                            ///< UAS: the INVITE passed every check; empty: late offer
struct Provisional { int status; std::string sdp; std::string dialog; };  ///< UAC: 18x; media follows the last one with SDP
struct Answered { std::string sdp; std::string dialog; };        ///< UAC: 200; sdp is the answer, of this or an earlier response; empty: `Offer` follows
struct Accepted {};                                              ///< UAS: our 200 is on its way; a CANCEL or a missing PRACK may come before it
struct Confirmed {};                                             ///< UAS: ACK seen
struct Offer { std::string sdp; };                               ///< needs AnswerOffer or RefuseOffer within 32 s
struct OfferTakenBack {};                                        ///< the last Offer, with a CANCEL before we answered; the old session stays
struct OfferWanted {};                                           ///< re-INVITE without SDP: give ours with AnswerOffer
struct Answer { std::string sdp; };                              ///< to an offer of ours
struct OfferFailed { int status; };                              ///< our re-INVITE was refused; the old session stays
struct Digit { char digit; std::chrono::milliseconds length; };  ///< INFO; one of 0-9 * # A-D
struct Ended { Ending ending; };                                 ///< always the last one
}  // namespace signal

using Signal = std::variant<signal::Incoming, signal::Provisional, signal::Answered, signal::Accepted, signal::Confirmed, signal::Offer,
                            signal::OfferTakenBack, signal::OfferWanted, signal::Answer, signal::OfferFailed, signal::Digit, signal::Ended>;

struct Actions {
    std::vector<Action> send;
    std::vector<Signal> tell;
};

// --- the machine ------------------------------------------------------------------------------------------------------------

enum class Role { uas, uac };

/// Durations of RFC 3261 17.1.1.1 and the guards: every state with a peer in it has a deadline.
struct SessionTimes {
    std::chrono::milliseconds t1 = 500ms;
    std::chrono::milliseconds t2 = 4s;
    std::chrono::seconds invite = 180s;           ///< INVITE without a final response; a provisional starts it anew (timer C)
    std::chrono::seconds early_dialog = 300s;     ///< since the first 18x
    std::chrono::seconds next_address = 6s;       ///< without a provisional
    std::chrono::seconds no_response = 32s;       ///< without a provisional, all addresses together
    std::chrono::seconds transaction = 32s;       ///< BYE, CANCEL, re-INVITE, UPDATE, PRACK, and the call's answer to an offer
    std::chrono::seconds call_max = 4h;           ///< since the answer
};

/// What differs per trunk and tenant.
struct SessionOptions {
    SessionTimes times{};
    std::uint32_t session_expires = 1800;         ///< seconds offered; 0: no session timer
    std::uint32_t min_se = 90;                    ///< seconds accepted at least
    bool offer_100rel = true;                     ///< UAC: Supported: 100rel
    bool send_update = true;                      ///< refresh with UPDATE when the peer allows it
    bool refer = false;                           ///< Allow lists REFER
    int redirects_max = 0;                        ///< 3 for operator trunks that allow it
    /// Uniform below `bound`; boni::random_below in the product, seeded in tests.
    std::function<std::uint32_t(std::uint32_t bound)> random;
};

/// Thread: whoever owns it (the SIP thread); no locks. Bounded: 12 early dialogs, 16 open requests of the peer.
class Session {
  public:
    Session(Role role, SessionOptions options);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    Actions on(Input const& input, Steady now);
    /// When it wants a Tick; none: only a message or a command can change it.
    std::optional<Steady> wake() const;
    /// Nothing left to exchange: destroy it. Requests that still arrive are answered 481 by the endpoint.
    bool done() const;
    /// For logs and tests: "early", "confirmed", ...
    std::string_view state() const;

  private:
    class Machine;
    std::unique_ptr<Machine> machine_;
};

}  // namespace boni::sip
