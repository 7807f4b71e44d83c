// The caller's leg: one SIP session and one media port, and the only place where the two meet.
//
// Thread: control. Owner: Call. The port is opened when media is first needed; an offer nobody could answer is found out
// before the 180 (`check_offer`). Re-INVITEs, hold included, are answered here without the call noticing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/bell.hpp"
#include "call/course.hpp"
#include "call/ending.hpp"
#include "media/clip.hpp"
#include "media/engine.hpp"
#include "media/measure.hpp"
#include "media/sdp.hpp"
#include "sip/endpoint.hpp"

namespace boni::call {

/// What the leg tells the call.
namespace leg_signal {
struct Digit { char key; Steady at; };                              ///< RFC 4733, SIP INFO or in-band, each press once
struct KeyHeld { bool held; };                                      ///< a key is down whose Digit is still to come; or it is up again
struct MediaLost { std::chrono::milliseconds silent; };
struct MediaFailed { std::string why; };
struct Incompatible { std::string why; };                           ///< the answer to our offer was unusable
struct Flag { std::string_view name; };                             ///< high_loss, high_jitter, one_way_audio, silence; once each
struct FirstPacket {};
struct Ended { sip::Ending ending; };                               ///< by the peer or a SIP guard; also after our own hang-up
}  // namespace leg_signal
using LegSignal = std::variant<leg_signal::Digit, leg_signal::KeyHeld, leg_signal::MediaLost, leg_signal::MediaFailed, leg_signal::Incompatible,
                               leg_signal::Flag, leg_signal::FirstPacket, leg_signal::Ended>;

/// What was agreed about a leg's media last, and who really sends it.
struct LegMedia {
    std::optional<Address> local;
    std::optional<Address> remote;                                  ///< their SDP's, then that of the first packet
    std::string codec;                                              ///< rtpmap name of what we send
};

class Leg {
  public:
    Leg(sip::Endpoint& sip, media::Engine& media, asio::any_io_executor control, sip::Incoming const& incoming,
        std::function<void(LegSignal)> tell);
    ~Leg();
    Leg(Leg const&) = delete;

    /// Errc::invalid when the caller's SDP offers nothing we speak. An INVITE without SDP is fine.
    Result<> check_offer() const;
    void ring();                                     ///< 180, with our offer where it has to be the first
    /// 183 with SDP; media goes out from now on. Errc::unavailable without a free port or where the trunk has no early media,
    /// Errc::invalid for a bad offer.
    Result<> early_media();
    Result<> answer();                               ///< 200; the errors of early_media
    /// Waits until that 200 has left. False: the caller gave up, or its network failed us, before it could.
    Task<bool> until_accepted();
    LegMedia const& media() const { return agreed_; }   ///< also after its end
    Course const& mos() const { return mos_; }       ///< also after its end

    /// Plays and waits until it was heard, stopped or cancelled; cancelling it stops the audio. Needs media.
    Task<media::Played> play(media::Clip clip, media::PlayOptions options);

    /// As media::Port; without media Errc::conflict, and nothing was recorded.
    Task<Result<>> record_to(std::filesystem::path file, media::RecordOptions options);
    Task<Result<media::Recorded>> stop_recording();
    Task<Result<media::Recorded>> recorded();

    /// As media::Port; without media nothing happens.
    void listen(std::shared_ptr<media::Tap> tap);
    void unlisten(std::shared_ptr<media::Tap> tap);
    void feed(std::shared_ptr<media::Feed> feed);

    /// Ends the session as `ending` says; once, later ones are ignored.
    void end(Ending const& ending, bool answered);
    /// Ends the media; the final figures, nothing when there never was any.
    Task<std::optional<media::Quality>> close_media();

  private:
    struct Waiter;
    /// What was in force when their last offer came.
    struct Before {
        media::SdpState sdp;
        std::optional<media::PortConfig> config;
        std::optional<Address> remote;
    };
    void on_sip(sip::Signal signal);
    void on_media(media::PortEvent event);
    Result<> open_port();
    Result<std::string> local_description();         ///< our answer, or our offer when the INVITE had none
    void take_answer(std::string const& sdp);
    void take_offer(std::string const& sdp);
    void take_back();                                ///< the last offer
    void start(media::PortConfig config);            ///< the first time, and whenever it changes
    void flags(media::Quality const& quality);

    sip::Endpoint& sip_;
    media::Engine& media_;
    asio::any_io_executor control_;
    std::function<void(LegSignal)> tell_;
    sip::SessionId session_;
    std::string local_ip_;
    std::optional<std::string> offer_;
    std::string description_;                        ///< what we sent, the same in 183 and 200
    media::SdpPreferences preferences_;
    media::SdpState sdp_;
    LegMedia agreed_;
    std::unique_ptr<media::Port> port_;
    std::map<media::PlayId, Waiter*> playing_;
    unsigned flags_told_ = 0;
    Course mos_{media::sample_every};
    std::chrono::seconds const silence_max_;
    std::string const public_ip_;                    ///< of the trunk; empty: as configured
    bool const early_media_;
    bool const offer_first_;                         ///< the first provisional answer has to carry our offer
    std::optional<media::PortConfig> config_;        ///< of the port, once it has started
    std::optional<Before> before_offer_;             ///< they can take it back until our answer has left
    bool answered_ = false;                          ///< we have said so, and a 200 is on its way
    bool ended_ = false;
    bool accepted_ = false;                          ///< the 200 has left
    bool confirmed_ = false;                         ///< and they know it: its ACK came
    std::optional<std::chrono::milliseconds> silent_;   ///< their silence that was too long before that
    bool over_ = false;                              ///< the session has ended
    Bell answer_settled_;                            ///< rings when one of these comes
    std::shared_ptr<Leg*> alive_;                    ///< signals in flight hold it weakly: they may arrive after us
};

}  // namespace boni::call
