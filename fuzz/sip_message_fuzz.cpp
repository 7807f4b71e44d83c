// Any bytes a peer may send: no crash, and nothing of them can end a line of what we write back or send on.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sip/peer.hpp"
#include "sip/reader.hpp"
#include "sip/writer.hpp"

using namespace boni;
using namespace boni::sip;

namespace {

/// What we wrote must be one message again, with the same transaction and the same body.
void check_written(std::string const& text, struct sip_msg const& origin, std::string_view body) {
    auto const buffer = re::buffer(text);
    re::Ref<struct sip_msg> again;
    ENSURE(sip_msg_decode(again.place(), buffer.get()) == 0);
    ENSURE(re::view(again->callid) == re::view(origin.callid));
    ENSURE(again->cseq.num == origin.cseq.num);
    ENSURE(re::rest(again->mb) == body);
}

void check_request(struct sip_msg const& message) {
    if (flaw_of(message)) return;
    auto const request = read_request(message);
    ENSURE(request.headers.require.size() <= 32);
    auto const part = body_part(request.body);
    ENSURE(part.text.size() <= request.body.text.size());
    Headers headers{.require = {"100rel"}, .rseq = 1, .reason = request.headers.reason};
    ResponseLines const ringing{.status = 180, .contact = "<sip:a@b>", .record_route = true};
    check_written(response_text(message, ringing, headers, {"text/plain", "body"}), message, "body");

    Peer peer{.tag = request.remote_tag, .target = contact_of(message), .routes = route_set(message)};
    for (auto const& route : peer.routes) ENSURE(fits_line(route));
    ENSURE(peer.target.find_first_of(" \r\n\t<>") == std::string::npos);
    auto const way = routing(peer);
    ENSURE(way.request_uri.find_first_of(" \r\n\t<>") == std::string::npos);
    (void)next_hop(peer);
    RequestLines lines{.method = "BYE", .routes = way.routes, .from = unfolded(re::view(message.to.val)), .to = unfolded(re::view(message.from.val)),
                       .call_id = re::str(message.callid), .cseq = message.cseq.num};
    auto const bye = "BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a:1;branch=z9hG4bK1\r\n" + request_text(lines, {.reason = request.headers.reason}, {});
    check_written(bye, message, {});
    for (auto const* const name : {"P-Asserted-Identity", "Diversion", "Privacy", "Via", "Replaces"})
        for (auto const& value : header_values(message, name, 4)) ENSURE(fits_line(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    (void)call_id_in(text);
    (void)reason_in(text);
    (void)target_of(text);
    auto const buffer = re::buffer(text);
    re::Ref<struct sip_msg> message;
    if (sip_msg_decode(message.place(), buffer.get()) != 0) return 0;
    ENSURE(sa_set_str(&message.get()->src, "192.0.2.7", 5060) == 0);   // as a socket says: `received` in what we write
    if (message->req) check_request(*message.get());
    else (void)read_response(*message.get());
    return 0;
}
