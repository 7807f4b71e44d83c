#include "sip/request_out.hpp"

#include "base/crypto.hpp"
#include "sip/reader.hpp"

namespace boni::sip {

RouteTo::RouteTo(Hop const& hop) : host_{hop.address.ip_text()}, params_{";transport=" + std::string{name(hop.transport)}}, uri_{} {
    uri_.scheme = re::piece("sip");
    uri_.host = re::piece(host_);
    uri_.port = hop.address.port;
    uri_.params = re::piece(params_);
}

void RequestOut::send(Wires& wires, Hop const& hop, Message message, Answered answered) {
    forget();
    message_ = std::move(message);
    answered_ = std::move(answered);
    auto const write_via = [](enum sip_transp transport, struct sa const*, struct sa const*, struct mbuf* out, void* arg) {
        auto failed = 0;
        rewrite_via(*out, transport, static_cast<RequestOut*>(arg)->message_.sent_by, failed);
        return failed;
    };
    auto const on_response = [](int error, struct sip_msg const* response, void* arg) { static_cast<RequestOut*>(arg)->tell(error, response); };
    auto const stack = wires.stack_for(hop);
    auto const text = re::buffer(message_.text);
    RouteTo const route{hop};
    auto const& uri = message_.request_uri;
    auto const error = stack ? sip_request(request_.place(), *stack, true, message_.method.data(), int(message_.method.size()), uri.data(),
                                           int(uri.size()), route.get(), text.get(), 0, write_via, on_response, this)
                             : EPROTONOSUPPORT;
    if (error != 0) tmr_start(&later_, 0, [](void* arg) { static_cast<RequestOut*>(arg)->tell(ECONNABORTED, nullptr); }, this);
}

void RequestOut::forget() {
    tmr_cancel(&later_);
    request_.reset();
}

/// A copy is called: the callee may send the next request, or destroy this one.
void RequestOut::tell(int error, struct sip_msg const* message) {
    auto const answered = answered_;
    answered(error, message);
}

std::vector<ChallengeHeader> challenges_of(struct sip_msg const& message) {
    constexpr std::size_t challenges_max = 8;
    std::vector<ChallengeHeader> challenges;
    for (auto& value : header_values(message, "WWW-Authenticate", challenges_max)) challenges.push_back({false, std::move(value)});
    for (auto& value : header_values(message, "Proxy-Authenticate", challenges_max)) challenges.push_back({true, std::move(value)});
    return challenges;
}

std::string random_token() {
    std::array<std::uint8_t, 12> bytes;
    random_bytes(bytes);
    return hex(bytes);
}

}  // namespace boni::sip
