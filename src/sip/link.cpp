// The state machine of a link: what goes in, what it wants done, when it wants to be woken. The rest: see link.hpp.
#include "sip/link.hpp"

#include "base/crypto.hpp"
#include "base/metrics.hpp"
#include "sip/link_parts.hpp"
#include "sip/reader.hpp"
#include "sip/request_out.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::uint32_t first_cseq_below = 10'000;   // RFC 3261 8.1.1.5 wants less than 2^31 with room to count

}  // namespace

Link::Link(Ground& ground, SessionId id, Role role, SessionOptions options, std::optional<Trunk> trunk)
    : ground_{ground}, id_{id}, role_{role}, trunk_{std::move(trunk)}, session_{role, std::move(options)},
      alarm_{ground.alarms, [this] { on(Tick{}); }}, cseq_{1 + random_below(first_cseq_below)},
      digest_{{}} {
    if (role == Role::uac) {
        call_id_ = random_token();
        local_tag_ = random_token();
    }
}

Link::~Link() = default;

void Link::open(struct sip* sip, struct sip_msg const& message, bool looped) {
    call_id_ = re::str(message.callid);
    local_tag_ = sip::local_tag(message);
    from_ = unfolded(re::view(message.to.val)) + ";tag=" + local_tag_;
    to_ = unfolded(re::view(message.from.val));
    contact_user_ = uri_of(re::view(message.ruri)).empty() ? std::string{} : re::str(message.uri.user);
    secure_ = message.tp == SIP_TRANSP_TLS && same_word(re::view(message.uri.scheme), "sips");
    newest_ = re::Ref<struct sip_msg>::share(&message);
    newest_sip_ = sip;
    auto& peer = learn(message, re::str(message.from.tag));
    peer.routes = route_set(message);
    peer.cseq = message.cseq.num;
    if (trunk_ && trunk_->auth) digest_ = DigestClient{{*trunk_->auth}};
    auto& server = serve(sip, message);
    auto invite = read_request(message);
    invite.transaction = server.number;
    invite.looped = looped;
    on(std::move(invite));
}

void Link::call(Outgoing outgoing) {
    outgoing_ = std::move(outgoing);
    contact_user_ = outgoing_.from_user;
    digest_ = DigestClient{outgoing_.logins};
    on(command::Start{outgoing_.offer});
}

void Link::on(Input input) {
    inbox_.push_back(std::move(input));
    if (std::exchange(busy_, true)) return;   // an action failed at once; its news wait for the actions before it
    while (!inbox_.empty() && !done_) {
        auto const next = std::move(inbox_.front());
        inbox_.pop_front();
        auto actions = session_.on(next, ground_.clock.steady());
        for (auto const& action : actions.send) perform(action);
        for (auto& signal : actions.tell) {
            ended_ = ended_ || std::holds_alternative<signal::Ended>(signal);
            ground_.tell(*this, std::move(signal));
        }
    }
    busy_ = false;
    if (done_) return;
    if (session_.done()) {
        done_ = true;
        alarm_.clear();
        return ground_.done(*this);
    }
    rearm();
}

void Link::rearm() {
    if (auto const at = session_.wake()) return alarm_.set(*at);
    alarm_.clear();
}

void Link::perform(Action const& action) {
    std::visit([this](auto const& one) { perform(one); }, action);
}

void Link::perform(GuardPassed const& guard) {
    metrics::counter("boni_sip_guard_total", "Sessions ended by a guard timer", {{"guard", std::string{guard.guard}}}).Increment();
}

/// Every message that can change where its dialog is reached: Contact, and where it really came from.
Peer& Link::learn(struct sip_msg const& message, std::string const& tag) {
    auto& peer = peers_[tag];
    peer.tag = tag;
    if (auto contact = contact_of(message); !contact.empty() && contact != peer.target) {
        peer.target = std::move(contact);
        peer.looked_up.reset();
    }
    peer.source = re::address(message.src);
    peer.transport = re::transport(message.tp);
    return peer;
}

std::string const& Link::public_host() const {
    static std::string const none;
    return trunk_ ? trunk_->public_address : none;
}

std::string Link::contact(Hop const& hop) const {
    auto const user = contact_user_.empty() ? std::string{} : contact_user_ + '@';
    auto const at = user + ground_.wires.sent_by(hop, public_host());
    if (secure_ && hop.transport == Transport::tls) return "<sips:" + at + '>';
    return "<sip:" + at + (hop.transport == Transport::udp ? "" : ";transport=" + std::string{name(hop.transport)}) + '>';
}

/// Operator trunks may lead anywhere; everybody else only where egress allows.
bool Link::allowed(Address const& address) const { return trunk_ || !ground_.config.vet || ground_.config.vet(address); }

}  // namespace boni::sip
