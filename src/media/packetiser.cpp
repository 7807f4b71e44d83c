#include "media/packetiser.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace boni::media {

Packetiser::Packetiser() {
    std::array<std::uint8_t, 10> random{};
    random_bytes(random);
    ssrc_ = read32(random, 0);
    timestamp_ = read32(random, 4);
    sequence_ = std::uint16_t(read16(random, 8) & 0x7fff);   // the upper half stays free: an early wrap upsets some SRTP peers
}

void Packetiser::configure(Codec const* codec, std::uint8_t type, std::optional<std::uint8_t> event_type, std::size_t ptime_samples,
                           Address const& to, Actions& out) {
    flush(to, out);
    codec_ = codec;
    type_ = type;
    event_type_ = event_type;
    ptime_samples_ = std::clamp(ptime_samples, frame_samples / 2, 3 * frame_samples);
}

void Packetiser::push(std::span<std::int16_t const> frame, Address const& to, Actions& out) {
    std::ranges::copy(frame, buffer_.begin() + std::ptrdiff_t(buffered_));
    buffered_ += frame.size();
    while (buffered_ >= ptime_samples_) emit(ptime_samples_, to, out);
}

void Packetiser::flush(Address const& to, Actions& out) {
    if (buffered_ > 0) emit(buffered_, to, out);
}

void Packetiser::pause(std::size_t samples) {
    timestamp_ += std::uint32_t(samples);
    marker_ = true;
}

void Packetiser::push(EventSender::Packet const& event, Address const& to, Actions& out) {
    flush(to, out);
    auto* const packet = begin({.type = *event_type_, .marker = event.marker, .timestamp = event.timestamp}, to, out);
    if (packet == nullptr) return;
    std::ranges::copy(event.payload, packet->bytes.begin() + rtp_header_size);
    packet->size = rtp_header_size + std::uint16_t(event.payload.size());
    octets_ += std::uint32_t(event.payload.size());
}

OutPacket* Packetiser::begin(RtpHeader header, Address const& to, Actions& out) {
    if (to.port == 0 || out.packets.size() == out.packets.capacity()) return nullptr;
    auto& packet = out.packets.emplace_back();
    packet.to = to;
    packet.rtcp = false;
    header.sequence = sequence_++;
    header.ssrc = ssrc_;
    write_rtp(header, packet.bytes);
    ++packets_;
    return &packet;
}

void Packetiser::emit(std::size_t samples, Address const& to, Actions& out) {
    auto const audio = std::span{buffer_}.first(samples);
    if (auto* const packet = codec_ ? begin({.type = type_, .marker = marker_, .timestamp = timestamp_}, to, out) : nullptr) {
        auto const size = codec_->encode(audio, std::span{packet->bytes}.subspan(rtp_header_size));
        packet->size = std::uint16_t(rtp_header_size + size);
        octets_ += std::uint32_t(size);
        marker_ = false;
    }
    std::copy(buffer_.begin() + std::ptrdiff_t(samples), buffer_.begin() + std::ptrdiff_t(buffered_), buffer_.begin());
    buffered_ -= samples;
    timestamp_ += std::uint32_t(samples);
    sent_ += samples;
}

}  // namespace boni::media
