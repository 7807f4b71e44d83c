// One leg's media as a pure machine: packets, commands, ticks and `now` in, packets and events out (RFC 3550, RFC 4733).
// Lives on a media thread; owns no socket and no clock. Nothing allocates after construction.
#pragma once

#include <array>
#include <string_view>

#include "media/latch.hpp"
#include "media/pipeline.hpp"
#include "media/port_config.hpp"

namespace boni::media {

class Stream {
  public:
    /// Thread: control. `wall` at `now` dates our sender reports.
    Stream(Instant wall, Steady now);
    Stream(Stream const&) = delete;

    // Commands.
    void configure(PortConfig const& config, Steady now, Actions& out);   ///< the first one is the answer
    void play(Player::Item item, Actions& out);
    void stop(PlayId id, Actions& out);
    void send_digits(std::string_view digits, Actions& out);
    void signalled_digit(char key, Steady now, Actions& out);
    void record(std::shared_ptr<Recording> recording);
    void stop_recording();
    void listen(std::shared_ptr<Tap> tap, std::uint64_t index);           ///< dropped when four listen already; the tick that is running
    void unlisten(Tap const* tap);
    void feed(std::shared_ptr<Feed> feed) { stages_.feed = std::move(feed); }   ///< null: nobody
    /// BYE, what was heard of every clip, the final figures. Nothing may follow.
    void close(Steady now, Actions& out);

    // The wire.
    void receive_rtp(Bytes packet, Address const& from, Steady now, Actions& out);
    void receive_rtcp(Bytes packet, Address const& from, Steady now, Actions& out);
    /// `index` counts the ticks of the thread, also those it was too late for.
    void tick(std::uint64_t index, Steady now, Actions& out);
    void skip(std::uint64_t ticks, Actions& out);   ///< missed for good: time passed, nothing was sent

    /// The one source the kernel may filter for (connect), nothing while another may take over.
    std::optional<Address> only_source(Steady now) const { return latch_.only(now); }
    Quality whole() const { return measure_.whole(elsewhere()); }
    std::uint64_t lost() const { return measure_.reception.lost(); }
    double jitter_ms() const { return measure_.reception.jitter_ms(); }

  private:
    struct Payload {
        enum class Kind : std::uint8_t { none, audio, event, noise } kind = Kind::none;
        Codec const* codec = nullptr;
    };
    bool plausible(Payload const& payload, Bytes bytes) const;
    void event_packet(RtpPacket const& packet, bool late, Steady now, Actions& out);
    void digit(char key, Digit::Path path, Steady down, Steady now, Actions& out);
    void tell_key(Actions& out);
    void settle(Actions& out);
    void watch_silence(Steady now, Actions& out);
    void heard_something(Steady now, Actions& out);
    void send_report(bool bye, Steady now, Actions& out);
    Address rtcp_target() const;
    bool sends() const { return started_ && media::sends(config_.direction) && latch_.target().port != 0; }
    bool receives() const { return started_ && media::receives(config_.direction); }
    bool talks() const { return started_ && config_.answered && config_.direction == Direction::send_receive; }   ///< neither rings nor is on hold
    Measure::Elsewhere elsewhere() const;

    PortConfig config_;
    bool started_ = false;
    std::array<Payload, 128> payloads_{};
    Latch latch_;
    Address rtcp_source_;
    Stages stages_;
    Measure measure_;
    EventReceiver events_;
    DigitGate gate_;
    bool key_held_ = false;                ///< as it was reported
    std::size_t digits_waiting_ = 0;       ///< given to send_digits and not yet reported as sent

    std::uint64_t index_ = 0;              ///< of the latest tick
    Steady last_rtp_{}, last_any_{}, last_sent_{};
    bool lost_ = false;                    ///< MediaLost was reported
    bool one_way_ = false;
};

}  // namespace boni::media
