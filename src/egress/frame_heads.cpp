#include "egress/frame_heads.hpp"

#include <algorithm>

namespace boni::egress {
namespace {

constexpr std::uint8_t continuation = 0, control = 8, opcode_bits = 15, length_bits = 127;
constexpr std::size_t short_head = 2, length_of_two = 126, length_of_eight = 127;

}  // namespace

void FrameHeads::take(std::string_view bytes) {
    while (!bytes.empty() && !too_large_) {
        auto const payload = std::size_t(std::min<std::uint64_t>(payload_left_, bytes.size()));
        payload_left_ -= payload;
        bytes.remove_prefix(payload);
        if (bytes.empty()) return;
        head_[head_taken_++] = std::uint8_t(bytes.front());
        bytes.remove_prefix(1);
        if (head_taken_ == head_size()) begin_frame();
    }
}

std::size_t FrameHeads::head_size() const {
    if (head_taken_ < short_head) return short_head;
    auto const length = head_[1] & length_bits;
    return short_head + (length == length_of_two ? 2 : length == length_of_eight ? 8 : 0);
}

std::uint64_t FrameHeads::announced() const {
    if (head_taken_ == short_head) return head_[1] & length_bits;
    std::uint64_t out = 0;
    for (auto at = short_head; at < head_taken_; ++at) out = out << 8 | head_[at];
    return out;
}

void FrameHeads::begin_frame() {
    ++begun_;
    payload_left_ = announced();
    head_taken_ = 0;
    auto const opcode = head_[0] & opcode_bits;
    if (opcode >= control) return;               // between the frames of a message
    if (opcode != continuation) message_ = 0;
    too_large_ = payload_left_ > message_max_ - message_;
    message_ += payload_left_;
}

}  // namespace boni::egress
