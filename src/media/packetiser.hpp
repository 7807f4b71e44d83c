// Frames of 20 ms in, RTP packets of `ptime` out: one SSRC, one sequence and one clock for audio and events alike.
// Lives on a media thread; pure.
#pragma once

#include <array>

#include "media/actions.hpp"
#include "media/codec.hpp"
#include "media/dtmf.hpp"

namespace boni::media {

class Packetiser {
  public:
    /// SSRC, first sequence and first timestamp are random (RFC 3550 5.1).
    Packetiser();

    /// Sends what is left in the old format first.
    void configure(Codec const* codec, std::uint8_t type, std::optional<std::uint8_t> event_type, std::size_t ptime_samples,
                   Address const& to, Actions& out);
    /// One frame; leaves when a packet is full.
    void push(std::span<std::int16_t const> frame, Address const& to, Actions& out);
    void push(EventSender::Packet const& event, Address const& to, Actions& out);
    /// What is buffered leaves now, as a short packet.
    void flush(Address const& to, Actions& out);
    /// Time passes without audio: on hold, under an event, or because the thread was late. The next packet carries the marker.
    void pause(std::size_t samples);

    std::uint32_t timestamp() const { return timestamp_ + std::uint32_t(buffered_); }   ///< of the next sample
    std::uint64_t pushed() const { return sent_ + buffered_; }   ///< samples taken: the ledger's position
    std::uint64_t sent() const { return sent_; }                 ///< samples that left
    std::uint32_t ssrc() const { return ssrc_; }
    std::uint32_t packets() const { return packets_; }
    std::uint32_t octets() const { return octets_; }
    bool can_send_events() const { return event_type_.has_value(); }

  private:
    OutPacket* begin(RtpHeader header, Address const& to, Actions& out);
    void emit(std::size_t samples, Address const& to, Actions& out);

    Codec const* codec_ = nullptr;
    std::uint8_t type_ = 0;
    std::optional<std::uint8_t> event_type_;
    std::size_t ptime_samples_ = frame_samples;
    std::array<std::int16_t, 4 * frame_samples> buffer_{};
    std::size_t buffered_ = 0;

    std::uint32_t ssrc_ = 0, timestamp_ = 0;
    std::uint16_t sequence_ = 0;
    bool marker_ = true;
    std::uint64_t sent_ = 0;
    std::uint32_t packets_ = 0, octets_ = 0;
};

}  // namespace boni::media
