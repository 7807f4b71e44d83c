#include "sip/stateless.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "sip/reply.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t stateless_tag_bytes = 8;            // RFC 3261 19.3 wants 32 bits of randomness at least
constexpr std::size_t times_the_request = 2;

bool wants_no_answer(struct sip_msg const& request) { return re::view(request.met) == "ACK"; }

void send_stateless(struct sip* sip, struct sip_msg const& request, std::string const& text, Nat nat) {
    auto const to = reply_address(request, nat);
    sip_send(sip, request.sock, request.tp, &to, re::buffer(text).get());
}

}  // namespace

void Stateless::answer(struct sip* sip, struct sip_msg const& request, ResponseLines lines, Headers const& headers, Nat nat) const {
    if (!wants_no_answer(request)) send_stateless(sip, request, text(request, std::move(lines), headers), nat);
}

bool Stateless::answer_stranger(struct sip* sip, struct sip_msg const& request, ResponseLines lines, Headers const& headers) const {
    if (wants_no_answer(request)) return true;
    auto const answer = text(request, std::move(lines), headers);
    if (request.tp == SIP_TRANSP_UDP && answer.size() > times_the_request * request.mb->end) return false;
    send_stateless(sip, request, answer, Nat::on);
    return true;
}

/// The tag is the transaction's own, and nobody else's to foresee.
std::string Stateless::text(struct sip_msg const& request, ResponseLines lines, Headers const& headers) const {
    auto const transaction = fmt::format("{} {} {} {}", re::view(request.callid), re::view(request.from.tag), re::view(request.via.branch),
                                         re::view(request.cseq.met));
    auto const mac = hmac_sha256(key_.reveal(), transaction);
    lines.to_tag = hex(std::span{mac}.first(stateless_tag_bytes));
    return response_text(request, lines, headers, {});
}

}  // namespace boni::sip
