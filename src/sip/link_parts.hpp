// The transactions of a Link, shared by the files that tell its parts. Nobody else includes it. Thread: SIP. Owner: Link.
#pragma once

#include "sip/link.hpp"

namespace boni::sip {

/// Lives from the request to our final answer; an INVITE's 2xx until its ACK, to be repeated byte for byte.
struct Link::Server {
    Link& link;
    Transaction number;
    Method method;
    struct sip* sip;
    re::Ref<struct sip_msg> message;
    struct sip_strans* transaction = nullptr;   // libre's; it frees itself after a final answer
    re::Ref<struct mbuf> last{};                // bytes of the last answer
    bool answered = false;

    ~Server() {
        if (!answered) mem_deref(transaction);
    }
};

/// Lives until the final response. Destroying it earlier makes libre forget us; a ringing INVITE is cancelled.
struct Link::Client {
    Link& link;
    Send send;                                  // as the session asked, to be sent again with credentials
    Peer peer;                                  // empty tag: outside of a dialog
    Hop hop;
    std::string request_uri;
    std::uint32_t cseq = 0;
    struct sip* sip = nullptr;
    re::Ref<struct sip_request> request{};      // libre empties it when the request is over
    std::string via{};                          // as it went out; a CANCEL repeats it
    Steady sent_at{};
    bool provisional = false;                   // one came: it may be cancelled
    bool cancelled = false;

    bool first_invite() const { return send.method == Method::invite && peer.tag.empty(); }
};

/// The CANCEL of an INVITE: ours, because libre's has no Reason. Repeated until the INVITE is answered.
struct Link::Cancelling {
    Link& link;
    std::string text;
    struct sip* sip;
    Hop hop;
    std::chrono::milliseconds interval;         // until the next repetition: T1, doubled up to T2
    struct tmr timer{};
    ~Cancelling() { tmr_cancel(&timer); }
};

}  // namespace boni::sip
