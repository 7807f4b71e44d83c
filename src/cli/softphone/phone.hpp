// A caller on the product's own SIP and RTP code: one call, its signals told as they come.
//
// Thread: the one that runs `call`; it drives an io_context of its own. Owner: `boni call`, benches and tests.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/task.hpp"
#include "media/clip.hpp"
#include "media/port_event.hpp"
#include "sip/cause.hpp"
#include "sip/trunk.hpp"

namespace boni::cli {

struct CallPlan {
    std::string target;                                ///< "+918040000001", or a whole "sip:..." URI
    Address server;                                    ///< where the INVITE goes
    sip::Transport transport = sip::Transport::udp;
    std::string ca_file;                               ///< for TLS
    std::string tls_name;                              ///< host in the URI, which TLS verifies; empty: the address
    std::string from = "+919800000001";
    media::Clip say;                                   ///< played once after the answer; null: silence
    std::string digits;                                ///< RFC 4733, in order; 'w' waits one second
    std::chrono::milliseconds digits_after{2000};      ///< since the answer, time for a menu to begin
    std::chrono::milliseconds digit_every{600};
    std::filesystem::path record;                      ///< WAV, stereo: heard left, said right; empty: none
    std::chrono::milliseconds hang_up_after{60'000};   ///< since the answer
    std::chrono::milliseconds ring_time{60'000};       ///< without an answer
    std::optional<std::chrono::milliseconds> cancel_after;   ///< since the INVITE, when not answered by then
};

struct CallReport {
    bool answered = false;
    bool reached = false;                              ///< anything at all came back
    bool ended_by_peer = false;
    int sip_status = 0;                                ///< the final failure; 0 after an answer
    int q850 = 0;
    sip::Cause cause = sip::Cause::normal;
    std::chrono::milliseconds to_ringing{};            ///< since the INVITE; zero: it never rang
    std::chrono::milliseconds to_answer{};
    std::chrono::milliseconds talked{};
    std::chrono::milliseconds lasted{};                ///< from the INVITE to the end
    std::string codec;
    media::Quality quality;
    std::filesystem::path recording;                   ///< empty when there was nothing to record
};

/// `tell` gets {"ms", "event", ...} as things happen. Errors: Errc::unavailable (no local port, no media) before anything was sent.
/// SIGINT hangs up; a second one ends it without waiting for the peer.
Result<CallReport> call(CallPlan plan, std::function<void(json::object)> tell);

}  // namespace boni::cli
