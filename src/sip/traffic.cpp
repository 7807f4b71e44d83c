#include "sip/traffic.hpp"

#include "base/log.hpp"
#include "sip/reader.hpp"

namespace boni::sip {
namespace {

constexpr auto long_datagram_warning_every = 1min;

std::string label(std::size_t method) {
    auto const known = Method(method);
    return known == Method::other ? "other" : std::string{method_name(known)};
}

}  // namespace

Traffic::Traffic()
    : large_datagrams_{metrics::counter("boni_sip_large_datagrams_total", "Messages sent over UDP that are longer than 1300 bytes")} {
    for (std::size_t method = 0; method < methods; ++method) {
        for (std::size_t sent = 0; sent < 2; ++sent)
            requests_[method][sent] =
                &metrics::counter("boni_sip_requests_total", "SIP requests on the wire", {{"method", label(method)}, {"dir", sent ? "out" : "in"}});
        for (std::size_t status = 1; status < classes; ++status)
            responses_[method][status] = &metrics::counter("boni_sip_responses_total", "SIP responses on the wire, by class",
                                                           {{"method", label(method)}, {"class", std::to_string(status) + "xx"}});
    }
}

void Traffic::count(bool sent, std::string_view message) {
    if (!message.starts_with("SIP/2.0 ")) return requests_[std::size_t(method_of(message.substr(0, message.find(' '))))][sent]->Increment();
    auto const status = message.size() > 8 ? std::size_t(message[8] - '0') : 0;
    if (status < 1 || status >= classes) return;
    auto const cseq = cseq_in(message);
    auto const space = cseq.find_last_of(" \t");
    auto const method = space == std::string_view::npos ? Method::other : method_of(cseq.substr(space + 1));
    responses_[std::size_t(method)][status]->Increment();
}

void Traffic::sent_datagram(std::size_t bytes, Address const& to, Steady now) {
    if (bytes <= datagram_safe) return;
    large_datagrams_.Increment();
    if (warned_at_ && now - *warned_at_ < long_datagram_warning_every) return;
    warned_at_ = now;
    log_warning("sip", "a datagram is so long that it may be lost", {{"bytes", std::to_string(bytes)}, {"to", to.text()}});
}

}  // namespace boni::sip
