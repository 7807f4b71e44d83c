// The INVITE we send: next hop after next hop, address after address, until somebody answers (RFC 3263 4.3, sip.md 5).
#include "sip/link_parts.hpp"
#include "sip/reader.hpp"

namespace boni::sip {

void Link::start_invite(Send const& send) {
    invite_ = send;
    rang_ = false;
    last_refusal_.reset();
    hops_left_.clear();
    targets_left_.clear();
    if (!send.target.empty()) {   // a redirect the operator allows
        auto const target = target_of(send.target);
        if (!target) return on(Failed{send.transaction, "the redirect names no SIP address"});
        targets_left_ = {*target};
    } else if (current_hop_) {
        return attempt(*current_hop_);   // the same once more, with what its 422 wanted
    } else if (outgoing_.first_hop) {
        current_target_ = outgoing_.targets.empty() ? std::nullopt : std::optional{outgoing_.targets.front()};
        hops_left_ = {*outgoing_.first_hop};
    } else {
        targets_left_ = {outgoing_.targets.begin(), outgoing_.targets.end()};
    }
    next_attempt();
}

void Link::next_attempt() {
    if (!hops_left_.empty()) {
        auto const hop = std::move(hops_left_.front());
        hops_left_.pop_front();
        return attempt(hop);
    }
    if (targets_left_.empty()) return no_attempt_left("no address left to call");
    current_target_ = targets_left_.front();
    targets_left_.pop_front();
    resolving_ = ground_.resolver.resolve(*current_target_, [this](Result<std::vector<Address>> found) {
        resolving_.reset();
        auto const tls_name = current_target_->transport == Transport::tls ? current_target_->host : std::string{};
        if (found)
            for (auto const& address : *found)
                if (allowed(address)) hops_left_.push_back({address, current_target_->transport, tls_name});
        if (hops_left_.empty() && targets_left_.empty())
            return no_attempt_left(found ? "the address may not be called" : found.error().what);
        next_attempt();
    });
}

void Link::attempt(Hop hop) {
    auto const uri = !invite_->target.empty() ? invite_->target
                     : current_target_        ? outgoing_.request_uri(*current_target_)
                                              : outgoing_.request_uri(Target{hop.address.ip_text(), hop.address.port, hop.transport});
    current_hop_ = hop;
    auto client = std::unique_ptr<Client>{new Client{*this, *invite_, {}, std::move(hop), uri, ++cseq_}};
    auto& started = *client;
    clients_[invite_->transaction] = std::move(client);   // an attempt before it is forgotten; a late 2xx of it is `stray`
    transmit(started);
}

/// Another hop may answer where this one failed; after a ringing phone or a 6xx nobody else is tried. `status` 0: no answer.
bool Link::another_attempt(int status) {
    auto const worth_it = status == 0 || status == 408 || (status >= 500 && status < 600);
    if (!worth_it || rang_ || (hops_left_.empty() && targets_left_.empty())) return false;
    next_attempt();
    return true;
}

void Link::no_attempt_left(std::string why) {
    cancel_waits_.reset();
    if (last_refusal_) return on(*std::exchange(last_refusal_, {}));
    on(Failed{invite_->transaction, std::move(why)});
}

void Link::perform(NextAddress const& next) {
    auto const client = clients_.find(next.transaction);
    if (client == clients_.end() || client->second->provisional) return;
    another_attempt(0);
}

}  // namespace boni::sip
