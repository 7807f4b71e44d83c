// The one place that lists every way a call can end, and what each means for its row, its event and the caller's SIP.
// Tokens and numbers: api-semantics 10, sip.md 7. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "call/target.hpp"
#include "model/call.hpp"
#include "sip/cause.hpp"
#include "sip/session.hpp"

namespace boni::call {

struct Ending {
    sip::Cause cause = sip::Cause::normal;       ///< hangupCause
    std::string by = "platform";                 ///< hangupBy: caller, target, api, control_webhook, agent, platform
    std::string error;                           ///< call.failed.error; empty: left out
    int sip_status = 0;                          ///< final failure sent to or by the caller before the answer; 0: BYE or CANCEL
    int q850 = 16;
    std::optional<std::uint32_t> retry_after;    ///< seconds, beside a 503
    std::string why;                             ///< one sentence for the timeline
    bool signalled = false;                      ///< the SIP session is over already: nothing is sent
    std::optional<sip::Reason> reason{};         ///< replaces Q.850 on BYE, e.g. RTP;text
    std::optional<sip::EndedBy> ended_by{};      ///< when signalled: by which message, if there was one
};

/// What a caller who was not answered is refused with. Of the causes `normal` is how a 480 gets Q.850 16 (sip.md 7).
sip::Cause refusal_cause(Ending const& ending);
int refusal_status(Ending const& ending);
/// The message that ends the call on the wire: the session's, or the one `Leg::end` sends.
std::optional<sip::EndedBy> ended_by(Ending const& ending, bool answered);

/// The terminal status, and the event that tells it.
model::CallStatus status_of(Ending const& ending, bool answered);
std::string_view event_of(model::CallStatus terminal);

/// Every way.
namespace ending {
Ending session_over(sip::Ending const& told);                               ///< BYE or CANCEL of the caller, a SIP guard
Ending hang_up(std::string_view reason, std::string by, bool answered);     ///< action hangup: normal, rejected, busy, no_answer
Ending rejected(std::string by, bool answered);                             ///< target hangup
Ending targets_used_up(TargetOutcome const& last, bool answered);           ///< every target of the list failed
Ending target_done();                                                       ///< a target finished its work
Ending no_route();                                                          ///< none saved, or switched off
Ending tenant_suspended();
Ending concurrency_limit();
Ending rate_limit(std::uint32_t retry_after);                               ///< calls_per_second
Ending no_media(std::string why, std::uint32_t retry_after);                ///< no RTP port left
Ending incompatible(std::string why);                                       ///< no usable SDP
Ending media_timeout(std::chrono::milliseconds silent);
Ending max_duration();
Ending draining(bool answered);
Ending unwritten(std::string why, std::uint32_t retry_after);               ///< the database takes no call; the carrier tries elsewhere
Ending internal(std::string why);                                           ///< our fault, or the database cannot be written any more
}  // namespace ending

}  // namespace boni::call
