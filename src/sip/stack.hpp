// Everything that lives on the SIP thread: it sorts what arrives, opens and closes links, and keeps the trunks.
// Thread: SIP, from construction to destruction; the endpoint reaches it by posting.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "sip/backlog.hpp"
#include "sip/link.hpp"
#include "sip/stateless.hpp"
#include "sip/strangers.hpp"
#include "sip/streams.hpp"
#include "sip/traffic.hpp"
#include "sip/trunk_book.hpp"

namespace boni::sip {

class Health;
class Registrations;

/// The way back to the control thread; each is called on the SIP thread and posts.
struct Outlet {
    std::function<SessionId()> next_id;
    std::function<void(Incoming)> incoming;
    std::function<void(SessionId, Signal)> signal;
    std::function<void(SessionId, std::vector<LadderMessage>)> ladder;   ///< empty: messages are not kept
};

class Stack {
  public:
    static Result<std::unique_ptr<Stack>> open(EndpointConfig const& config, Clock& clock, Outlet outlet);
    ~Stack();
    Stack(Stack const&) = delete;

    Wires& wires() { return wires_; }
    TrunkBook& trunks() { return trunks_; }
    void set_trunks(std::vector<Trunk> trunks);
    void drain();
    /// Calls `then` once, now or when the last session has been removed.
    void when_quiet(std::function<void()> then);
    void dial(SessionId id, Dial dial);
    /// A command for a session; ignored when it is gone.
    void command(SessionId id, Input input);

  private:
    Stack(EndpointConfig const& config, Clock& clock, Outlet outlet, std::unique_ptr<Resolver> resolver);

    // --- stack.cpp: what arrives
    void on_request(struct sip* sip, struct sip_msg const& message);
    void on_response(struct sip_msg const& message);
    void on_trace(bool sent, Transport transport, Address const& local, Address const& remote, std::string_view text);
    void on_stranger(struct sip* sip, struct sip_msg const& message);
    void on_knock(struct sip* sip, struct sip_msg const& message);
    void answer_late();
    void on_outside(struct sip* sip, struct sip_msg const& message, Trunk const& trunk);
    void on_invite(struct sip* sip, struct sip_msg const& message, Trunk const& trunk);
    void announce(Link& link, struct sip_msg const& message, Steady received_at);
    void answer(struct sip* sip, struct sip_msg const& message, Trunk const& trunk, int status, Headers const& headers = {},
                std::string_view phrase = {});
    void answer_stranger(struct sip* sip, struct sip_msg const& message, int status, Headers const& headers = {});
    bool looped(struct sip_msg const& message) const;
    Link* find(std::string_view call_id, std::string_view local_tag) const;

    // --- stack_links.cpp: sessions from beginning to end
    void place(SessionId id, Dial dial, Steady give_up_at);
    void refuse_dial(SessionId id, Cause cause, std::string text, int status = 0);
    Result<Outgoing> outgoing(Dial const& dial, Trunk const* trunk) const;
    SessionOptions options(Trunk const* trunk) const;
    Link& add(SessionId id, Role role, Trunk const* trunk);
    void tell(Link& link, Signal signal);
    void done(Link& link);
    void bury();
    void pulse();
    void look_at_streams(Steady now);
    bool overloaded(Steady now) { return draining_ || live() >= config_.sessions_max || now < late_until_ || backlog_.too_long(now); }
    std::size_t live() const { return links_.size() - finished_.size(); }

    EndpointConfig const& config_;
    Clock& clock_;
    Outlet outlet_;
    std::unique_ptr<Resolver> resolver_;
    Wires wires_;
    Alarms alarms_;
    Ground ground_;
    TrunkBook trunks_;
    Strangers strangers_;
    Stateless stateless_;
    DigestServer door_;                                           // its nonces end with the process; a peer asks for another
    Backlog backlog_;
    Streams streams_;
    Steady streams_due_{}, interfaces_due_{};
    struct Refused { struct sip* sip; re::Ref<struct sip_msg> message; Steady at; };
    std::deque<Refused> tarpit_;                                  // strangers that wait for their 403, in order; at most tarpit_max
    Alarm tarpit_alarm_;
    Traffic traffic_;
    bool draining_ = false;
    Alarm pulse_;                                                 // notices when the loop itself is late
    Steady pulse_due_{};
    Steady late_until_{};
    std::unique_ptr<Health> health_;
    std::unique_ptr<Registrations> registrations_;

    std::unordered_map<std::uint64_t, std::unique_ptr<Link>> links_;
    std::unordered_multimap<std::string, Link*> by_call_id_;      // two ends of a call to ourselves share one
    struct Finished { SessionId id; Steady at; };
    std::deque<Finished> finished_;                               // kept a little for the ladder's last messages, in order
    Alarm burial_;
    std::function<void()> quiet_;                                 // told when links_ is empty
    std::string first_message_;                                   // raw INVITE just read, for the ladder of the link it may open
    struct Paced {                                                // a dial that waits for its trunk's pace
        Dial dial;
        Steady give_up_at;
        Alarm retry;
    };
    std::map<std::uint64_t, std::unique_ptr<Paced>> paced_;
};

}  // namespace boni::sip
