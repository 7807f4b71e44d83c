// Session descriptions from a peer, as an offer to us and as the answer to ours.
#include "media/sdp.hpp"

using namespace boni;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const local = *Address::parse("192.0.2.7", 4000);
    media::SdpState state;
    if (auto const agreed = media::answer_offer(text, local, {}, state)) {
        ENSURE(agreed->sdp.starts_with("v=0\r\n"));
        ENSURE(!agreed->config.payloads.empty());
        media::SdpState again;   // our own answer is an offer we understand
        ENSURE(media::answer_offer(agreed->sdp, local, {}, again).has_value());
    }
    media::SdpState offered;
    media::make_offer(local, {}, offered);
    (void)media::accept_answer(text, offered);
    return 0;
}
