// What the peer asks within this session, and our answers (RFC 3261 17.2). libre absorbs and answers repetitions.
#include "sip/link_parts.hpp"
#include "sip/reader.hpp"
#include "sip/reply.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t servers_max = 16;   // unanswered or repeatable requests of one peer

bool makes_dialog(Method method, int status) { return method == Method::invite && status > 100 && status < 300; }
bool refreshes_target(Method method) { return method == Method::invite || method == Method::update; }

}  // namespace

Link::Server& Link::serve(struct sip* sip, struct sip_msg const& message) {
    auto const method = method_of(re::view(message.met));
    auto server = std::unique_ptr<Server>{new Server{*this, ++last_server_, method, sip, re::Ref<struct sip_msg>::share(&message)}};
    ENSURE(sip_strans_alloc(&server->transaction, sip, &message, cancelled, server.get()) == 0);
    return *servers_.emplace(last_server_, std::move(server)).first->second;
}

void Link::cancelled(void* arg) {
    auto& server = *static_cast<Server*>(arg);
    Request cancel{.transaction = server.number, .method = Method::cancel};
    cancel.headers.reason = std::exchange(server.link.cancel_reason_, {});
    server.link.on(std::move(cancel));
}

void Link::request(struct sip* sip, struct sip_msg const& message, bool looped) {
    auto request = read_request(message);
    auto const peer = peers_.find(request.remote_tag);
    auto const known = peer != peers_.end();
    // One that is late moves nothing: the newer one said where the peer is (RFC 3261 12.2.2).
    if (known && request.method != Method::ack && !(peer->second.cseq && request.cseq <= *peer->second.cseq)) {
        peer->second.cseq = request.cseq;
        if (refreshes_target(request.method)) learn(message, request.remote_tag);
    }
    if (known && role_ == Role::uas) {
        newest_ = re::Ref<struct sip_msg>::share(&message);
        newest_sip_ = sip;
    }
    request.looped = looped;
    if (request.method == Method::ack) return on(std::move(request));
    if (servers_.size() >= servers_max) {
        auto const text = response_text(message, {.status = 503}, {}, {});
        auto const to = reply_address(message, nat());
        sip_send(sip, message.sock, message.tp, &to, re::buffer(text).get());
        return;
    }
    request.transaction = serve(sip, message).number;
    on(std::move(request));
}

void Link::perform(Respond const& respond) {
    auto const found = servers_.find(respond.transaction);
    if (found == servers_.end() || found->second->answered) return;
    auto& server = *found->second;
    auto const& message = *server.message.get();
    ResponseLines lines{.status = respond.status, .record_route = makes_dialog(server.method, respond.status)};
    if (lines.record_route || (refreshes_target(server.method) && respond.status >= 200 && respond.status < 300))
        lines.contact = contact({re::address(message.src), re::transport(message.tp), {}});
    server.last = re::buffer(response_text(message, lines, respond.headers, respond.body));
    server.answered = respond.status >= 200;   // from here on libre's transaction frees itself, also when sending fails
    auto const to = reply_address(message, nat());
    sip_strans_reply(&server.transaction, server.sip, &message, &to, std::uint16_t(respond.status), server.last.get());
    if (!server.answered) return;
    auto const repeatable = server.method == Method::invite && respond.status < 300;
    if (!repeatable) servers_.erase(found);
    // Of answered ones only the newest INVITE can still be repeated.
    std::erase_if(servers_, [&](auto const& one) { return one.second->answered && one.first != respond.transaction; });
}

void Link::perform(Retransmit const& retransmit) {
    auto const found = servers_.find(retransmit.transaction);
    if (found == servers_.end() || !found->second->last) return;
    auto& server = *found->second;
    server.last->pos = 0;
    auto const to = reply_address(*server.message.get(), nat());
    sip_send(server.sip, server.message->sock, server.message->tp, &to, server.last.get());
}

}  // namespace boni::sip
