#include "sip/traffic.hpp"

#include "sip/reader.hpp"

namespace boni::sip {
namespace {

std::string label(std::size_t method) {
    auto const known = Method(method);
    return known == Method::other ? "other" : std::string{method_name(known)};
}

}  // namespace

Traffic::Traffic() {
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

}  // namespace boni::sip
