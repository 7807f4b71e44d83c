// What a WebSocket's frames announce, read from the bytes as they come (RFC 6455 5.2): Beast tells of a frame with the first byte of its
// payload, and a peer that sends only a head keeps it waiting. Pure. Thread: any.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace boni::egress {

class FrameHeads {
  public:
    explicit FrameHeads(std::uint64_t message_max) : message_max_{message_max} {}

    /// The next bytes of a server, in pieces of any size.
    void take(std::string_view bytes);
    /// A frame has begun with which its message has more than `message_max` bytes. Nothing behind its head is looked at.
    bool too_large() const { return too_large_; }
    /// How many frames have begun, of whatever kind.
    std::uint64_t begun() const { return begun_; }

  private:
    std::size_t head_size() const;
    std::uint64_t announced() const;
    void begin_frame();

    std::uint64_t message_max_;
    std::array<std::uint8_t, 10> head_{};        // a server masks nothing (5.1): two bytes, and two or eight of a longer length
    std::size_t head_taken_ = 0;
    std::uint64_t payload_left_ = 0;             // of the frame
    std::uint64_t message_ = 0;                  // of its message, this frame included
    std::uint64_t begun_ = 0;
    bool too_large_ = false;
};

}  // namespace boni::egress
