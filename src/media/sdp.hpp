// SDP as text: our offers and answers, theirs understood (RFC 8866, RFC 3264). Audio only, RTP/AVP only. Thread: any; values.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "media/port_config.hpp"

namespace boni::media {

struct SdpPreferences {
    std::vector<std::string> codecs{"PCMA", "PCMU", "telephone-event"};   ///< what we take and offer, in this order
    std::chrono::milliseconds ptime{20};
};

/// What a leg remembers between offers. Owner: the leg, and whoever else holds a dialog.
struct SdpState {
    std::uint64_t session_id = 0;      ///< of our o= line; drawn at the first description
    std::uint64_t version = 0;         ///< grows by one whenever the text changes (RFC 3264 8)
    std::string text;                  ///< what we sent last
    std::vector<PayloadMap> payloads;  ///< of that text; a type keeps its codec for the whole session
    Direction direction = Direction::send_receive;
    std::vector<std::string> refused;  ///< the other m= lines of the session, in order: every later offer repeats them (RFC 3264 8)
    std::size_t audio_at = 0;          ///< how many of them stand before ours
    bool agreed = false;               ///< offer and answer have met once: it is a session
    int family = 0;                    ///< of our address; the other one could not be reached from it. 0: nothing was described yet
};

struct Agreed {
    std::string sdp;                   ///< our answer
    PortConfig config;                 ///< what the port does from now on
};

/// Our answer to their offer. Errc::invalid token "not_acceptable" (SIP 488) for text that is not SDP, without audio over RTP/AVP,
/// without a codec we share, or at an address of the other family than ours. On an error the state is as before. Within a session every
/// line at port 0 is taken as a pause without any media (RFC 3264 8.2); audio at port 0 beside another line is a wish for that one
/// instead, as a gateway that believes in a fax has, and is refused: the audio goes on.
Result<Agreed> answer_offer(std::string_view offer, Address local_rtp, SdpPreferences const& preferences, SdpState& state);

/// Our offer of everything in `preferences`; a later one has first what was agreed and keeps its payload types and, when nothing changed,
/// the version. It never has comfort noise (media.md 5.5).
/// `direction`: send_only puts them on hold.
std::string make_offer(Address local_rtp, SdpPreferences const& preferences, SdpState& state,
                       Direction direction = Direction::send_receive);

/// Their answer to our offer. Errors as `answer_offer`, and a pause as there.
Result<PortConfig> accept_answer(std::string_view answer, SdpState& state);

}  // namespace boni::media
