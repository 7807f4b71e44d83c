// A peer in the same process: a UDP socket on loopback that sends and keeps RTP. Single-threaded, on the test's io_context.
#pragma once

#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "base/task.hpp"
#include "media/codec.hpp"
#include "media/packet.hpp"
#include "media/port_config.hpp"

namespace boni::test {

class RtpPeer {
  public:
    struct Packet {
        media::RtpHeader header;
        std::vector<std::uint8_t> payload;
        Steady at;
    };
    explicit RtpPeer(asio::io_context& io, std::uint32_t ssrc = 0x1234'5678)
        : socket_{io, {asio::ip::make_address("127.0.0.1"), 0}}, ssrc_{ssrc} {
        listen();
    }

    Address local() const { return *Address::parse("127.0.0.1", socket_.local_endpoint().port()); }

    /// 20 ms of u-law, or whatever `type` means to the receiver.
    void send(Address to, std::uint8_t type, std::span<std::uint8_t const> payload, bool marker = false, bool advance = true) {
        send_at(to, type, payload, timestamp, marker);
        if (advance) timestamp += 160;
    }
    void send_at(Address to, std::uint8_t type, std::span<std::uint8_t const> payload, std::uint32_t at, bool marker = false) {
        std::vector<std::uint8_t> bytes(media::rtp_header_size + payload.size());
        media::write_rtp({.type = type, .marker = marker, .sequence = sequence++, .timestamp = at, .ssrc = ssrc_}, bytes);
        std::ranges::copy(payload, bytes.begin() + media::rtp_header_size);
        send_raw(to, bytes);
    }
    void send_raw(Address to, std::span<std::uint8_t const> bytes) {
        socket_.send_to(asio::buffer(bytes.data(), bytes.size()), {asio::ip::make_address(to.ip_text()), to.port});
    }

    /// Everything heard of one payload type, decoded in order of arrival.
    std::vector<std::int16_t> audio(std::uint8_t type = 0) const {
        auto const* const codec = media::find_codec(type == 8 ? "PCMA" : "PCMU");
        std::vector<std::int16_t> out;
        for (auto const& packet : packets) {
            if (packet.header.type != type) continue;
            auto const start = out.size();
            out.resize(start + packet.payload.size());
            codec->decode(packet.payload, std::span{out}.subspan(start));
        }
        return out;
    }

    std::vector<Packet> packets;
    std::uint16_t sequence = 100;
    std::uint32_t timestamp = 1000;

  private:
    void listen() {
        socket_.async_receive_from(asio::buffer(buffer_), from_, [this](boost::system::error_code error, std::size_t size) {
            if (error) return;
            if (auto const packet = media::parse_rtp(media::Bytes{buffer_}.first(size)))
                packets.push_back({packet->header, {packet->payload.begin(), packet->payload.end()}, std::chrono::steady_clock::now()});
            listen();
        });
    }

    asio::ip::udp::socket socket_;
    asio::ip::udp::endpoint from_;
    std::array<std::uint8_t, 1500> buffer_{};
    std::uint32_t ssrc_;
};

/// What offer and answer between us and such a peer come to.
inline media::PortConfig g711_config(Address remote, std::string codec = "PCMU") {
    auto const type = std::uint8_t(codec == "PCMA" ? 8 : 0);
    return {.remote = remote, .payloads = {{type, codec, 8000}, {101, "telephone-event", 8000}}};
}

}  // namespace boni::test
