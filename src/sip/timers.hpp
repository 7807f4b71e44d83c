// The deadlines of one session: named, at most one per name and transaction, asked for the earliest. Thread: its owner's.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"

namespace boni::sip {

/// The names of guards are the labels of boni_sip_guard_total; the others only time a repetition.
enum class Timer {
    // guards: passing one ends what it guards
    invite,          ///< INVITE without a final response (timer C, RFC 3261 16.6)
    early_dialog,    ///< ringing for too long
    no_response,     ///< INVITE without any response on any address
    no_ack,          ///< 2xx without ACK (RFC 3261 13.3.1.4)
    prack,           ///< reliable provisional without PRACK (RFC 3262 3), or PRACK without response
    reinvite,        ///< re-INVITE or UPDATE of ours without a final response
    offer,           ///< offer of the peer that our call does not answer
    bye,             ///< BYE without response
    cancel,          ///< CANCEL without a final response to the INVITE (RFC 3261 9.1)
    call_max,        ///< longest call
    expiry,          ///< session timer: no refresh (RFC 4028 10)
    // what the peer asked for
    invitation,      ///< Expires of its INVITE (RFC 3261 13.3.1)
    // repetitions
    next_address,    ///< try the next address of the target
    repeat_2xx,      ///< T1, 2 T1 ... T2
    repeat_reliable, ///< T1, 2 T1, 4 T1 ...
    repeat_ringing,  ///< every minute, so that proxies keep the INVITE (RFC 3261 13.3.1.1)
    glare,           ///< wait after a 491 (RFC 3261 14.1)
    refresh,         ///< half of the session interval
};

struct Due {
    Timer timer;
    std::uint32_t transaction;   ///< 0 when the timer belongs to the session
};

class Deadlines {
  public:
    void set(Timer timer, Steady at, std::uint32_t transaction = 0);
    void clear(Timer timer, std::uint32_t transaction = 0);
    /// Drops all but those named.
    void keep_only(std::initializer_list<Timer> timers);
    std::optional<Steady> next() const;
    /// Takes out the earliest one that is due at `now`.
    std::optional<Due> take_due(Steady now);

  private:
    struct Entry {
        Due due;
        Steady at;
    };
    std::vector<Entry> entries_;   // a handful; bounded by the timers above and the open transactions
};

}  // namespace boni::sip

namespace boni {
template <>
inline constexpr auto names_of<sip::Timer> = names<sip::Timer>({
    {sip::Timer::invite, "invite"}, {sip::Timer::early_dialog, "early_dialog"}, {sip::Timer::no_response, "no_response"},
    {sip::Timer::no_ack, "no_ack"}, {sip::Timer::prack, "prack"}, {sip::Timer::reinvite, "reinvite"}, {sip::Timer::offer, "offer"},
    {sip::Timer::bye, "bye"}, {sip::Timer::cancel, "cancel"}, {sip::Timer::call_max, "call_max"},
    {sip::Timer::expiry, "session_expiry"}, {sip::Timer::invitation, "invitation"}, {sip::Timer::next_address, "next_address"},
    {sip::Timer::repeat_2xx, "repeat_2xx"}, {sip::Timer::repeat_reliable, "repeat_reliable"}, {sip::Timer::repeat_ringing, "repeat_ringing"},
    {sip::Timer::glare, "glare"}, {sip::Timer::refresh, "refresh"}});
}  // namespace boni
