// Our requests: transactions of libre, next hops within the dialog, digest, ACK to a 2xx, CANCEL with its Reason.
#include <fmt/format.h>

#include "base/metrics.hpp"
#include "sip/link_parts.hpp"
#include "sip/reader.hpp"
#include "sip/request_out.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t invites_max = 32;    // INVITEs of one session whose repeated 2xx are still known
constexpr std::chrono::milliseconds t1{SIP_T1}, t2{SIP_T2};

prometheus::Histogram& transaction_seconds(Method method) {
    std::vector<double> const buckets{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60};
    auto const name = std::string{method_name(method)};
    return metrics::histogram("boni_sip_transaction_seconds", "Our requests until their final response", buckets, {{"method", name}});
}

}  // namespace

void Link::perform(Send const& send) {
    if (send.method == Method::cancel) return cancel_invite(send.headers);
    if (send.method == Method::invite && send.dialog.empty()) return start_invite(send);
    if (!waiting_.empty()) return waiting_.push_back(send);
    send_in_dialog(send);
}

void Link::send_in_dialog(Send const& send) {
    auto const peer = peers_.find(send.dialog);
    auto const hop = peer == peers_.end() ? fail(Errc::not_found, "no such dialog") : known_hop(peer->second);
    if (!hop) {
        if (send.method != Method::ack) on(Failed{send.transaction, hop.error().what});
        return;
    }
    if (*hop) return send_now(send, peer->second, **hop);
    waiting_.push_back(send);
    auto const target = *next_hop(peer->second);
    looking_ = ground_.resolver.resolve(target, [this, target, tag = send.dialog](Result<std::vector<Address>> found) {
        looking_.reset();
        auto& looked_up = peers_.at(tag);
        if (found) std::erase_if(*found, [&](auto const& one) { return !allowed(one); });
        // Where its messages come from is the address that is known to work.
        if (found && !found->empty()) looked_up.looked_up = Hop{found->front(), target.transport, tls_name(target)};
        else looked_up.looked_up = Hop{looked_up.source, looked_up.transport, current_hop_ ? current_hop_->tls_name : std::string{}};
        drain_waiting();
    });
}

void Link::drain_waiting() {
    auto const waiting = std::exchange(waiting_, {});
    for (auto const& send : waiting) perform(send);
}

/// Literal addresses, connections of the peer that still live, and names already looked up.
Result<std::optional<Hop>> Link::known_hop(Peer const& peer) const {
    if (newest_ && newest_->tp != SIP_TRANSP_UDP && sip_msg_tcpconn(newest_.get()))
        return Hop{re::address(newest_->src), re::transport(newest_->tp), {}};
    if (peer.looked_up) return peer.looked_up;
    auto const source = Hop{peer.source, peer.transport, current_hop_ ? current_hop_->tls_name : std::string{}};
    auto const target = next_hop(peer);
    if (!target && allowed(peer.source)) return source;   // a transport we do not have
    if (!target) return fail(Errc::malformed, "the Contact of the peer is no SIP address we could reach");
    auto const address = literal(*target);
    if (!address) return std::nullopt;
    auto const out_of_reach = target->transport != Transport::tls && address->family != ground_.wires.udp().family;   // we listen in one family
    if (out_of_reach || behind_nat(nat(), *address, peer.source)) return source;
    if (!allowed(*address)) {
        if (allowed(peer.source)) return source;
        return fail(Errc::forbidden, "the Contact of the peer may not be called");
    }
    if (current_hop_ && current_hop_->address == *address && current_hop_->transport == target->transport) return current_hop_;
    return Hop{*address, target->transport, target->transport == Transport::tls ? tls_name(*target) : std::string{}};
}

/// Whose certificate a peer must show: the name its trunk was configured with before whatever it calls itself.
std::string Link::tls_name(Target const& target) const {
    if (target.transport != Transport::tls) return {};
    if (current_hop_ && current_hop_->transport == Transport::tls) return current_hop_->tls_name;
    if (trunk_ && !trunk_->targets.empty()) return trunk_->targets.front().host;
    return target.host;
}

RequestLines Link::lines(std::string_view method, std::uint32_t cseq, Peer const* peer, Hop const& hop) const {
    RequestLines lines{.method = std::string{method}, .call_id = call_id_, .cseq = cseq};
    lines.from = from_;
    lines.to = to_;
    if (peer && role_ == Role::uac) lines.to += ";tag=" + peer->tag;
    if (peer) lines.routes = routing(*peer).routes;
    if (method != "CANCEL" && method != "BYE") lines.contact = contact(hop);
    return lines;
}

void Link::send_now(Send const& send, Peer const& peer, Hop const& hop) {
    auto const ack = send.method == Method::ack;
    auto client = std::unique_ptr<Client>{new Client{*this, send, peer, hop, routing(peer).request_uri, ack ? send.cseq : ++cseq_}};
    if (ack) return transmit(*client);   // opens no transaction and is gone when sent
    auto& started = *client;
    clients_[send.transaction] = std::move(client);
    transmit(started);
}

/// Our side of the dialog has no host before it is known where the request leaves.
void Link::name_both(Client const& client) {
    if (role_ != Role::uac || !from_.empty()) return;
    auto const display = outgoing_.from_display.empty() ? std::string{} : sip::quoted(outgoing_.from_display) + ' ';
    from_ = fmt::format("{}<sip:{}@{}>;tag={}", display, outgoing_.from_user, our_host(client.hop), local_tag_);
    to_ = '<' + (outgoing_.to_uri.empty() ? client.request_uri : outgoing_.to_uri) + '>';
}

std::string Link::our_host(Hop const& hop) const {
    auto const host = ground_.wires.sent_by(hop, public_host());
    return host.substr(0, host.rfind(':'));
}

RequestLines Link::request_of(Client const& client) {
    auto const& send = client.send;
    auto const in_dialog = !client.peer.tag.empty();
    auto const method = method_name(send.method);
    auto request = lines(method, client.cseq, in_dialog ? &client.peer : nullptr, client.hop);
    if (!in_dialog) request.routes = outgoing_.routes;
    if (send.method == Method::ack) request.credentials = invite_credentials_;
    else request.credentials = digest_.authorise(method, client.request_uri);
    if (send.method != Method::invite) return request;
    invite_credentials_ = request.credentials;
    invite_cseqs_[client.cseq] = send.transaction;
    if (invite_cseqs_.size() > invites_max) invite_cseqs_.erase(invite_cseqs_.begin());
    if (in_dialog) return request;
    request.extra = outgoing_.headers;
    if (!outgoing_.asserted_user.empty())
        request.extra.emplace_back("P-Asserted-Identity", fmt::format("<sip:{}@{}>", outgoing_.asserted_user, our_host(client.hop)));
    return request;
}

/// What goes back where the newest request came from leaves from where that came in.
Result<struct sip*> Link::stack_of(Hop const& hop) const {
    auto const same_way = newest_ && hop.tls_name.empty() && re::transport(newest_->tp) == hop.transport;
    auto const peer = re::sa(hop.address);
    if (same_way && sa_cmp(&newest_->src, &peer, SA_ADDR)) return newest_sip_;
    return ground_.wires.stack_for(hop);
}

void Link::transmit(Client& client) {
    auto const& send = client.send;
    auto const method = std::string{method_name(send.method)};
    auto const stack = stack_of(client.hop);
    auto const stateful = send.method != Method::ack;
    if (!stack && !stateful) return;
    if (!stack) return responded(client, EPROTONOSUPPORT, nullptr);
    client.sip = *stack;
    client.sent_at = ground_.clock.steady();
    name_both(client);
    auto const body = re::buffer(request_text(request_of(client), send.headers, send.body));
    RouteTo const route{client.hop};
    auto const write_via = [](enum sip_transp transport, struct sa const*, struct sa const*, struct mbuf* out, void* arg) {
        auto& self = *static_cast<Client*>(arg);
        auto failed = 0;
        self.via = rewrite_via(*out, transport, self.link.ground_.wires.sent_by(self.hop, self.link.public_host()), failed);
        return failed;
    };
    auto const on_response = [](int error, struct sip_msg const* message, void* arg) {
        auto& self = *static_cast<Client*>(arg);
        self.link.responded(self, error, message);
    };
    auto const error = sip_request(stateful ? client.request.place() : nullptr, client.sip, stateful, method.data(), int(method.size()),
                                   client.request_uri.data(), int(client.request_uri.size()), route.get(), body.get(), 0, write_via,
                                   stateful ? static_cast<sip_resp_h*>(on_response) : nullptr, &client);
    if (error != 0 && stateful) responded(client, error, nullptr);
}

void Link::responded(Client& client, int error, struct sip_msg const* message) {
    auto const transaction = client.send.transaction;
    if (message && message->scode < 200) progressed(client, *message);
    else if (tried_again(client, message)) return;
    else clients_.erase(transaction);   // `client` is gone
    if (!message) return on(Failed{transaction, error == ETIMEDOUT ? "no response" : "the connection failed"});
    auto response = read_response(*message);
    response.transaction = transaction;
    on(std::move(response));
}

void Link::progressed(Client& client, struct sip_msg const& message) {
    client.provisional = true;
    if (!client.first_invite()) return;
    rang_ = rang_ || message.scode > 100;
    learn_fork(message);
    if (cancel_waits_) cancel_invite(*std::exchange(cancel_waits_, {}));
}

/// What a final response means before the session hears of it; null: none came. True: it does not, another attempt is on its way.
bool Link::tried_again(Client& client, struct sip_msg const* message) {
    if (message) {
        auto const seconds = std::chrono::duration<double>(ground_.clock.steady() - client.sent_at).count();
        transaction_seconds(client.send.method).Observe(seconds);
        auto const challenged = message->scode == 401 || message->scode == 407;
        if (challenged && authorised_again(client, *message)) return true;
        if (!challenged) digest_.accepted();
    }
    auto const refused = !message || message->scode >= 300;
    if (!client.first_invite()) {
        if (!refused && (client.send.method == Method::invite || client.send.method == Method::update)) learn(*message, client.peer.tag);
        return false;
    }
    if (!refused) learn_fork(*message);
    if (refused && !client.cancelled) {
        if (message) {
            last_refusal_ = read_response(*message);
            last_refusal_->transaction = client.send.transaction;
        }
        if (another_attempt(message ? message->scode : 0)) return true;
        last_refusal_.reset();
    }
    cancelling_.reset();
    return false;
}

/// A response to the first INVITE with a To tag names a dialog (RFC 3261 12.1.2, 13.2.2.4).
void Link::learn_fork(struct sip_msg const& message) {
    if (message.scode <= 100 || !message.to.tag.p || message.to.tag.l == 0) return;
    constexpr std::size_t forks_max = 64;   // as many as the session answers
    auto const tag = re::str(message.to.tag);
    if (!peers_.contains(tag) && peers_.size() >= forks_max) return;
    auto& peer = learn(message, tag);
    peer.routes = route_set(message);
    peer.looked_up.reset();
}

bool Link::authorised_again(Client& client, struct sip_msg const& message) {
    if (client.cancelled || cancel_waits_) return false;
    if (!digest_.challenged(challenges_of(message))) return false;
    auto again = std::unique_ptr<Client>{new Client{*this, client.send, client.peer, client.hop, client.request_uri, ++cseq_}};
    auto& started = *again;
    clients_[client.send.transaction] = std::move(again);   // `client` is gone
    transmit(started);
    return true;
}

void Link::stray(struct sip_msg const& message) {
    auto const method = method_of(re::view(message.cseq.met));
    if (method == Method::cancel) return cancelling_.reset();
    auto const known = invite_cseqs_.find(message.cseq.num);
    if (method != Method::invite || known == invite_cseqs_.end() || message.scode < 200 || message.scode > 299) return;
    auto const tag = re::str(message.to.tag);
    if (!peers_.contains(tag)) learn_fork(message);
    auto response = read_response(message);
    response.transaction = known->second;
    on(std::move(response));
}

// --- CANCEL -----------------------------------------------------------------------------------------------------------------

void Link::cancel_invite(Headers const& headers) {
    auto const found = clients_.find(invite_->transaction);
    if (found == clients_.end() || resolving_) {   // between two addresses: there is nothing to cancel
        hops_left_.clear();
        targets_left_.clear();
        resolving_.reset();
        return on(Failed{invite_->transaction, "cancelled"});
    }
    auto& client = *found->second;
    if (!client.provisional) {   // RFC 3261 9.1; the one before had one, this attempt has not
        cancel_waits_ = headers;
        return;
    }
    client.cancelled = true;
    auto const request = lines("CANCEL", client.cseq, nullptr, client.hop);
    auto text = fmt::format("CANCEL {} SIP/2.0\r\nVia: {}\r\n{}", client.request_uri, client.via, request_text(request, headers, {}));
    cancelling_.reset(new Cancelling{*this, std::move(text), client.sip, client.hop, t1});
    tmr_init(&cancelling_->timer);
    repeat_cancel();
}

void Link::repeat_cancel() {
    auto& one = *cancelling_;
    auto const to = re::sa(one.hop.address);
    sip_send(one.sip, nullptr, re::transport(one.hop.transport), &to, re::buffer(one.text).get());
    if (one.hop.transport != Transport::udp) return;
    tmr_start(&one.timer, std::uint64_t(one.interval.count()), [](void* arg) { static_cast<Link*>(arg)->repeat_cancel(); }, this);
    one.interval = std::min(one.interval * 2, t2);
}

}  // namespace boni::sip
