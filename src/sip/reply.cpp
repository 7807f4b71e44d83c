#include "sip/reply.hpp"

namespace boni::sip {

struct sa reply_address(struct sip_msg const& request, Nat nat) {
    auto to = request.src;
    struct pl ignored;
    auto const by_source = request.tp == SIP_TRANSP_UDP ? nat == Nat::on || msg_param_exists(&request.via.params, "rport", &ignored) == 0
                                                        : request.tp != SIP_TRANSP_TCP || sip_msg_tcpconn(&request);
    if (!by_source) sa_set_port(&to, sip_transp_port(request.tp, sa_port(&request.via.addr)));
    return to;
}

}  // namespace boni::sip
