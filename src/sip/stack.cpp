// What arrives: to the dialog it belongs to, to a new session, or to the answer a stranger deserves. Sessions: stack_links.cpp.
#include "sip/stack.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "base/metrics.hpp"
#include "base/utf8.hpp"
#include "sip/health.hpp"
#include "sip/identity.hpp"
#include "sip/normalise.hpp"
#include "sip/reader.hpp"
#include "sip/registration.hpp"
#include "sip/text.hpp"
#include "sip/tls.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t x_headers_max = 16;
constexpr std::size_t x_value_max = 512;
constexpr std::size_t remote_parties_max = 4;           // caller, called, and each for subscriber and user
constexpr std::size_t remote_party_bytes_max = 1024;
constexpr std::size_t require_max = 32;
constexpr std::size_t credentials_max = 4;
constexpr std::size_t key_bytes = 32;   // of the digest server's nonces and of stateless tags, fresh with every process
constexpr std::size_t tarpit_max = 64;    // refusals that wait, each with its message; further strangers get none

void ignored() { metrics::counter("boni_sip_strangers_ignored_total", "Requests from unknown sources that got no answer").Increment(); }

/// 2-10 s at random, so that refused callers do not come back together (sip.md 2.1).
Headers retry_later() { return {.retry_after = 2 + random_below(9)}; }

std::vector<std::pair<std::string, std::string>> x_headers(struct sip_msg const& message) {
    std::vector<std::pair<std::string, std::string>> found;
    for (auto const* element = list_head(&message.hdrl); element && found.size() < x_headers_max; element = element->next) {
        auto const& header = *static_cast<struct sip_hdr const*>(element->data);
        if (!starts_with_word(re::view(header.name), "x-")) continue;
        found.emplace_back(as_utf8(re::view(header.name)), as_utf8(unfolded(re::view(header.val)), x_value_max));
    }
    return found;
}

/// A header that may come as one list or as many.
std::string joined(struct sip_msg const& message, char const* name, std::size_t at_most) {
    return fmt::format("{}", fmt::join(header_values(message, name, at_most), ", "));
}

}  // namespace

Result<std::unique_ptr<Stack>> Stack::open(EndpointConfig const& config, Clock& clock, Outlet outlet) {
    TRY(auto resolver, Resolver::make(config.dns_servers));
    std::unique_ptr<Stack> stack{new Stack{config, clock, std::move(outlet), std::move(resolver)}};
    CHECK_OK(stack->alarms_.open());
    CHECK_OK(stack->wires_.open(config));
    stack->pulse();
    return stack;
}

Stack::Stack(EndpointConfig const& config, Clock& clock, Outlet outlet, std::unique_ptr<Resolver> resolver)
    : config_{config}, clock_{clock}, outlet_{std::move(outlet)}, resolver_{std::move(resolver)},
      wires_{{[this](struct sip* sip, struct sip_msg const& message) { on_request(sip, message); },
              [this](struct sip_msg const& message) { on_response(message); },
              [this](auto... what) { on_trace(what...); }}},
      alarms_{clock_}, ground_{wires_, alarms_, *resolver_, clock_, config_, [this](Link& link, Signal signal) { tell(link, std::move(signal)); },
              [this](Link& link) { done(link); }},
      trunks_{config.realm}, stateless_{random_secret(key_bytes)},
      door_{random_secret(key_bytes), config.realm, config.digest_md5 ? DigestServer::OldPhones::md5_too : DigestServer::OldPhones::sha256_only},
      backlog_{config.patience}, streams_{config.streams}, tarpit_alarm_{alarms_, [this] { answer_late(); }}, pulse_{alarms_, [this] { pulse(); }},
      health_{std::make_unique<Health>(wires_, *resolver_, clock_, trunks_)},
      registrations_{std::make_unique<Registrations>(wires_, *resolver_, trunks_, config_.keep_alive)}, burial_{alarms_, [this] { bury(); }} {}

void Stack::on_request(struct sip* sip, struct sip_msg const& message) {
    auto const method = re::view(message.met);
    if (auto const flaw = flaw_of(message)) {
        auto const* const trunk = flaw->answerable ? trunks_.match(re::address(message.src), {}) : nullptr;
        if (trunk) answer(sip, message, *trunk, flaw->status, {}, flaw->reason);
        return;
    }
    if (auto const tag = re::view(message.to.tag); !tag.empty() && method != "CANCEL") {   // a CANCEL that gets here has no transaction of ours
        if (auto* const link = find(re::view(message.callid), tag)) return link->request(sip, message, looped(message));
    }
    auto const names = message.tp == SIP_TRANSP_TLS ? peer_names() : std::vector<std::string>{};
    auto const* const trunk = trunks_.match(re::address(message.src), names);
    if (!trunk) return method == "INVITE" && trunks_.has_users() ? on_knock(sip, message) : on_stranger(sip, message);
    if (message.tp != SIP_TRANSP_UDP) streams_.trusted(re::address(message.src));
    on_outside(sip, message, *trunk);
}

/// Some trunk may call from anywhere once it has proved who it is. Without credentials that are for us it is asked for them; what is
/// wrong counts as a stranger's try, a trunk's user and nobody's alike (sip.md 3.2).
void Stack::on_knock(struct sip* sip, struct sip_msg const& message) {
    auto const source = re::address(message.src);
    auto const now = clock_.steady();
    if (strangers_.banned(source, now)) return ignored();   // good credentials among many guesses are one of them
    DigestServer::Checked checked;
    std::optional<TrunkBook::Proof> claimed;
    for (auto const& credentials : header_values(message, "Authorization", credentials_max)) {
        if (checked.verdict != DigestServer::Verdict::missing) break;
        checked = door_.verify(credentials, "INVITE", source, now, [&](std::string_view user) {
            claimed = trunks_.of_user(user);
            return claimed ? std::optional{claimed->user} : std::nullopt;
        });
    }
    if (checked.verdict == DigestServer::Verdict::refused) return on_stranger(sip, message);
    if (checked.verdict != DigestServer::Verdict::ok) {
        if (!strangers_.may_challenge(source, now)) return ignored();
        return answer_stranger(sip, message, 401, {.challenges = door_.challenge(source, now, checked.verdict == DigestServer::Verdict::stale)});
    }
    strangers_.proved(source, now);
    if (message.tp != SIP_TRANSP_UDP) streams_.trusted(source);
    on_outside(sip, message, *claimed->trunk);
}

/// Nothing here tells whether a number or a user exists (sip.md 3.3).
void Stack::on_stranger(struct sip* sip, struct sip_msg const& message) {
    auto const verdict = strangers_.answer(re::address(message.src), re::view(message.met), clock_.steady());
    switch (verdict) {
        case Strangers::Answer::silence: return ignored();
        case Strangers::Answer::refuse: return answer_stranger(sip, message, 403);
        case Strangers::Answer::refuse_late:
            if (tarpit_.size() >= tarpit_max) return;
            tarpit_.push_back({sip, re::Ref<struct sip_msg>::share(&message), clock_.steady() + Strangers::late});
            if (tarpit_.size() == 1) answer_late();
            return;
        case Strangers::Answer::greet: return draining_ ? answer_stranger(sip, message, 503, retry_later()) : answer_stranger(sip, message, 200);
    }
}

/// Those whose second is over get their 403; the timer waits for the next.
void Stack::answer_late() {
    auto const now = clock_.steady();
    for (; !tarpit_.empty() && tarpit_.front().at <= now; tarpit_.pop_front())
        answer_stranger(tarpit_.front().sip, *tarpit_.front().message.get(), 403);
    if (tarpit_.empty()) return;
    tarpit_alarm_.set(tarpit_.front().at);
}

/// A request of a trunk that belongs to none of our dialogs.
void Stack::on_outside(struct sip* sip, struct sip_msg const& message, Trunk const& trunk) {
    auto const method = re::view(message.met);
    if (method == "ACK") return;
    if (!re::view(message.to.tag).empty() || method == "CANCEL") return answer(sip, message, trunk, 481);
    if (method == "OPTIONS") {
        if (draining_) return answer(sip, message, trunk, 503, retry_later());
        auto unknown = unknown_tags(header_values(message, "Require", require_max));   // within a session the state machine looks
        if (!unknown.empty()) return answer(sip, message, trunk, 420, {.unsupported = std::move(unknown)});
        return answer(sip, message, trunk, 200, {.supported = tags_understood(), .allow = methods_allowed(trunk.refer),
                                                 .accept = {"application/sdp"}});
    }
    if (method == "INVITE") return on_invite(sip, message, trunk);
    auto const known = method_of(method) != Method::other;
    if (known) return answer(sip, message, trunk, 481);
    answer(sip, message, trunk, 405, {.allow = methods_allowed(trunk.refer)});
}

void Stack::on_invite(struct sip* sip, struct sip_msg const& message, Trunk const& trunk) {
    auto const now = clock_.steady();
    if (contact_of(message).empty()) return answer(sip, message, trunk, 400, {}, "Missing SIP Contact");
    auto busy = retry_later();
    busy.reason = Reason{"Q.850", 42, {}};
    if (overloaded(now)) return answer(sip, message, trunk, 503, std::move(busy));
    auto const admitted = trunks_.admit_in(trunk.name, now, clock_.now());
    if (admitted != Admitted::yes) {
        if (admitted != Admitted::too_fast) busy.reason->cause = 34;
        return answer(sip, message, trunk, 503, std::move(busy));
    }
    auto& link = add(outlet_.next_id(), Role::uas, &trunk);
    by_call_id_.emplace(re::str(message.callid), &link);
    if (outlet_.ladder) {
        link.ladder().add(clock_.now(), false, re::transport(message.tp), re::address(message.dst), re::address(message.src), first_message_);
        first_message_.clear();
    }
    link.open(sip, message, looped(message));
    if (!link.ended()) announce(link, message, now);
}

void Stack::announce(Link& link, struct sip_msg const& message, Steady received_at) {
    auto const& trunk = *link.trunk();
    auto const& std_code = trunk.numbers.std_code;
    auto const asserted = joined(message, "P-Asserted-Identity", 2), remote_party = joined(message, "Remote-Party-ID", remote_parties_max);
    auto const from = unfolded(re::view(message.from.val)), privacy = header(message, "Privacy");
    Incoming call{.id = link.id(), .trunk = trunk.name, .lsa = trunk.lsa, .leg_class = trunk.leg_class, .test_trunk = trunk.test,
                  .codecs = trunk.codecs, .early_media = trunk.early_media, .media_timeout = trunk.media_timeout, .public_address = trunk.public_address};
    call.called = party_of_uri(re::view(message.ruri), std_code);
    call.calling = calling_party({from, asserted, remote_party, privacy}, std_code);
    if (!asserted.empty() && !call.calling.restricted) call.asserted_identity = calling_party({.from = {}, .asserted = asserted}, std_code).value;
    call.remote_party = as_utf8(remote_party, remote_party_bytes_max);
    auto const diversion = header_values(message, "Diversion", diversions_max), history = header_values(message, "History-Info", headers_max);
    call.diversions = diversions({diversion, history, privacy}, std_code);
    call.x_headers = x_headers(message);
    call.call_id = as_utf8(link.call_id());
    call.local_tag = link.local_tag();
    call.remote_tag = as_utf8(re::view(message.from.tag));
    call.transport = re::transport(message.tp);
    call.source = re::address(message.src);
    call.local = re::address(message.dst);
    call.reliable = has_tag(header_values(message, "Require", require_max), "100rel");
    auto offer = body_part(read_body(message)).text;
    if (!offer.empty()) call.offer = std::move(offer);
    else call.early_media = call.early_media && call.reliable;   // an offer of ours must not travel in a 183 that may get lost
    call.received_at = received_at;
    call.did_candidates = did_candidates(call.called, trunk.dids);
    backlog_.came(link.id(), received_at);
    outlet_.incoming(std::move(call));
}

void Stack::on_response(struct sip_msg const& message) {
    if (auto* const link = find(re::view(message.callid), re::view(message.from.tag))) link->stray(message);
}

/// Before libre looks at it: the ladder, the Reason of a CANCEL, and the bytes of an INVITE that may open a session.
void Stack::on_trace(bool sent, Transport transport, Address const& local, Address const& remote, std::string_view text) {
    if (text == keep_alive_text) return;
    traffic_.count(sent, text);
    if (sent && transport == Transport::udp) traffic_.sent_datagram(text.size(), remote, clock_.steady());
    auto const call_id = call_id_in(text);
    auto const [first, last] = by_call_id_.equal_range(std::string{call_id});
    auto const cancel = !sent && text.starts_with("CANCEL ");
    for (auto one = first; one != last; ++one) {
        if (outlet_.ladder) one->second->ladder().add(clock_.now(), sent, transport, local, remote, text);
        if (cancel) one->second->cancel_reason(reason_in(text));
    }
    if (outlet_.ladder && !sent && text.starts_with("INVITE ")) first_message_ = text;
}

void Stack::answer(struct sip* sip, struct sip_msg const& message, Trunk const& trunk, int status, Headers const& headers, std::string_view phrase) {
    stateless_.answer(sip, message, {.status = status, .phrase = phrase}, headers, trunk.nat);
}

void Stack::answer_stranger(struct sip* sip, struct sip_msg const& message, int status, Headers const& headers) {
    if (!stateless_.answer_stranger(sip, message, {.status = status}, headers)) ignored();
}

/// A call of ours that comes back: its Call-ID is one we made, and one of its Vias is ours (RFC 3261 16.3).
bool Stack::looped(struct sip_msg const& message) const {
    auto const [first, last] = by_call_id_.equal_range(re::str(message.callid));
    auto const placed = std::any_of(first, last, [](auto const& one) { return one.second->role() == Role::uac; });
    if (!placed || !re::view(message.to.tag).empty()) return false;
    for (auto const& value : header_values(message, "Via", vias_max)) {
        auto const text = re::piece(value);
        struct sip_via via;
        if (sip_via_decode(&via, &text) == 0 && wires_.ours(re::address(via.addr))) return true;
    }
    return false;
}

Link* Stack::find(std::string_view call_id, std::string_view local_tag) const {
    auto const [first, last] = by_call_id_.equal_range(std::string{call_id});
    for (auto one = first; one != last; ++one)
        if (one->second->local_tag() == local_tag && !one->second->done()) return one->second;
    return nullptr;
}

}  // namespace boni::sip
