// One session on the wire: it performs what the state machine asks for and feeds it what arrives. Transactions are libre's,
// dialogs (tags, routes, CSeq, where requests go) are kept here: libre's cannot be forked, redirected or authenticated our way.
//
// Thread: SIP. Owner: Stack. The parts: link.cpp (state machine, timer, dialogs), link_server.cpp (requests of the peer and our
// answers), link_invite.cpp (the INVITE we send, address by address), link_client.cpp (our other requests, digest, ACK, CANCEL).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sip/alarms.hpp"
#include "sip/digest.hpp"
#include "sip/ladder.hpp"
#include "sip/peer.hpp"
#include "sip/resolve.hpp"
#include "sip/session.hpp"
#include "sip/transport.hpp"
#include "sip/writer.hpp"

namespace boni::sip {

class Link;

/// What a link stands on; the stack's, outlives every link.
struct Ground {
    Wires& wires;
    Alarms& alarms;
    Resolver& resolver;
    Clock& clock;
    EndpointConfig const& config;
    std::function<void(Link&, Signal)> tell;
    std::function<void(Link&)> done;                ///< nothing left to exchange; the link is destroyed on a later turn
};

/// An INVITE we send: everything the attempts need.
struct Outgoing {
    std::vector<Target> targets;                    ///< next hops in order; the request URI's own without a trunk
    std::optional<Hop> first_hop;                   ///< fixed: no look-up, no other
    std::function<std::string(Target const&)> request_uri;
    std::string to_uri, from_user, from_display, asserted_user;
    std::vector<std::string> routes;                ///< Service-Route of a registrar (RFC 3608)
    ExtraHeaders headers;
    std::vector<Login> logins;
    std::string offer;                              ///< empty: late offer
};

class Link {
  public:
    Link(Ground& ground, SessionId id, Role role, SessionOptions options, std::optional<Trunk> trunk);
    ~Link();
    Link(Link const&) = delete;

    SessionId id() const { return id_; }
    Role role() const { return role_; }
    std::string const& call_id() const { return call_id_; }
    std::string const& local_tag() const { return local_tag_; }
    std::optional<Trunk> const& trunk() const { return trunk_; }
    Ladder& ladder() { return ladder_; }
    bool ended() const { return ended_; }
    bool done() const { return done_; }             ///< a ladder and nothing else

    /// UAS: the INVITE that makes the session; `message` has no flaw and a Contact.
    void open(struct sip* sip, struct sip_msg const& message, bool looped);
    /// UAC: sends the INVITE.
    void call(Outgoing outgoing);
    /// A command of the call, or anything else the state machine takes.
    void on(Input input);
    /// A request within one of our dialogs; no ACK or CANCEL of a libre transaction gets here, but the ACK to a 2xx does.
    void request(struct sip* sip, struct sip_msg const& message, bool looped);
    /// A response no client transaction waits for: a repeated 2xx to an INVITE of ours.
    void stray(struct sip_msg const& message);
    /// The Reason of a CANCEL that libre is about to announce.
    void cancel_reason(std::optional<Reason> reason) { cancel_reason_ = std::move(reason); }

  private:
    struct Server;          // a request of the peer that may still want an answer
    struct Client;          // a request of ours that may still get one

    // --- link.cpp
    void perform(Action const& action);
    void perform(Respond const& respond);
    void perform(Retransmit const& retransmit);
    void perform(Send const& send);
    void perform(NextAddress const& next);
    void perform(GuardPassed const& guard);
    void rearm();
    Peer& learn(struct sip_msg const& message, std::string const& tag);
    std::string contact(Hop const& hop) const;
    bool allowed(Address const& address) const;
    Nat nat() const { return trunk_ ? trunk_->nat : Nat::automatic; }
    std::string const& public_host() const;

    // --- link_server.cpp
    Server& serve(struct sip* sip, struct sip_msg const& message);
    static void cancelled(void* server);

    // --- link_invite.cpp
    void start_invite(Send const& send);
    void next_attempt();
    void attempt(Hop hop);
    bool another_attempt(int status);
    void no_attempt_left(std::string why);

    // --- link_client.cpp
    void send_in_dialog(Send const& send);
    void send_now(Send const& send, Peer const& peer, Hop const& hop);
    Result<struct sip*> stack_of(Hop const& hop) const;
    void transmit(Client& client);
    void name_both(Client const& client);
    RequestLines request_of(Client const& client);
    std::string our_host(Hop const& hop) const;
    void drain_waiting();
    Result<std::optional<Hop>> known_hop(Peer const& peer) const;   ///< nothing: it must be looked up
    std::string tls_name(Target const& target) const;
    void responded(Client& client, int error, struct sip_msg const* message);
    void progressed(Client& client, struct sip_msg const& message);
    bool tried_again(Client& client, struct sip_msg const* message);
    void learn_fork(struct sip_msg const& message);
    bool authorised_again(Client& client, struct sip_msg const& message);
    void cancel_invite(Headers const& headers);
    void repeat_cancel();
    RequestLines lines(std::string_view method, std::uint32_t cseq, Peer const* peer, Hop const& hop) const;

    Ground& ground_;
    SessionId id_;
    Role role_;
    std::optional<Trunk> trunk_;
    Session session_;
    Alarm alarm_;
    std::deque<Input> inbox_;               // what arrived while the state machine was at work
    bool busy_ = false;
    bool ended_ = false;
    bool done_ = false;
    Ladder ladder_;

    // dialogs: one for a UAS, one per fork for a UAC
    std::string call_id_, local_tag_;
    std::string from_, to_;                 // ours with tag; theirs without
    std::map<std::string, Peer, std::less<>> peers_;
    std::uint32_t cseq_;                    // of our last request
    std::string contact_user_;
    bool secure_ = false;                   // UAS: called as sips:, so our Contact is one as well (RFC 3261 12.1.1)

    // server side
    std::map<Transaction, std::unique_ptr<Server>> servers_;
    Transaction last_server_ = 0;
    re::Ref<struct sip_msg> newest_;        // UAS: last request of the peer's; tells whether its connection lives
    struct sip* newest_sip_ = nullptr;      // where it came in: its connection lives in that stack alone
    std::optional<Reason> cancel_reason_;

    // client side
    std::map<Transaction, std::unique_ptr<Client>> clients_;
    std::deque<Send> waiting_;              // in-dialog requests behind a look-up of their next hop, in order
    Resolver::Handle looking_;
    DigestClient digest_;
    std::map<std::uint32_t, Transaction> invite_cseqs_;   // CSeq on the wire -> the session's number
    std::vector<CredentialsHeader> invite_credentials_;   // the ACK to a 2xx repeats them (RFC 3261 22.1)

    // the INVITE we send
    Outgoing outgoing_;
    std::optional<Send> invite_;
    std::deque<Target> targets_left_;
    std::deque<Hop> hops_left_;
    std::optional<Target> current_target_;
    std::optional<Hop> current_hop_;        // of the newest attempt
    Resolver::Handle resolving_;
    bool rang_ = false;                     // a 18x came: no other address any more
    std::optional<Response> last_refusal_;
    std::optional<Headers> cancel_waits_;   // for the first provisional response of the newest attempt
    struct Cancelling;
    std::unique_ptr<Cancelling> cancelling_;
};

}  // namespace boni::sip
