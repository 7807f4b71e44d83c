// What the record of a leg says beside its call's row (sip.md 8): the other end, what was agreed and how it sounded. Never a digit,
// only how many there were. While the call lives it is as much as is known so far. Pure. Thread: control.
#pragma once

#include "call/ending.hpp"
#include "call/leg.hpp"

namespace boni::call {

struct LegFacts {
    sip::Incoming const& incoming;
    model::Channel channel;
    std::string called;                              ///< E.164 of our number
    LegMedia media;
    std::optional<Instant> early_at;                 ///< the caller heard us before the answer
    std::optional<media::Quality> quality;           ///< none: it never had media
    std::optional<std::size_t> digits;               ///< pressed; none: the call goes on
    int sip_status = 0;                              ///< of the final answer to the INVITE; 0: none yet
};

json::object to_json(LegFacts const& facts);
/// Figures of the leg's media: in its record and, the same, in the timeline.
json::object quality_detail(media::Quality const& quality);

}  // namespace boni::call
