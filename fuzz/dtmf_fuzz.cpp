// RFC 4733 events: any payload at any time gives keys of the keypad only, and what our sender presses our receiver hears, each digit once,
// as long as one packet of it arrives.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "media/dtmf.hpp"

using namespace boni;
using namespace boni::media;

namespace {

void take(std::string& keys, EventReceiver::Heard const& heard) {
    ENSURE(heard.count <= heard.keys.size());
    for (std::size_t at = 0; at < heard.count; ++at) {
        ENSURE(event_keys.find(heard.keys[at]) != std::string_view::npos);
        keys += heard.keys[at];
    }
}

/// Per packet: milliseconds since the last, length, timestamp, payload.
void anything(Bytes in) {
    EventReceiver receiver;
    DigitGate gate;
    auto now = Steady{1h};
    std::string keys;
    for (; in.size() >= 4;) {
        now += std::chrono::milliseconds{in[0]};
        auto const timestamp = read16(in, 2) * 16u;
        auto const payload = in.subspan(4, std::min<std::size_t>(in[1] % 12, in.size() - 4));
        in = in.subspan(4 + payload.size());
        take(keys, receiver.receive(payload, timestamp, (in.size() & 4) != 0, now));
        if (auto const key = receiver.poll(now)) keys += *key;
        if (!keys.empty()) (void)gate.passes(keys.back(), Digit::Path(in.size() % 2), receiver.since(), now);
    }
}

/// Keys from the first bytes, which of their packets are lost from the others.
void heard_as_pressed(Bytes in) {
    EventSender sender;
    std::string pressed, heard;
    for (auto const byte : in.first(std::min<std::size_t>(in.size(), 20)))
        if (sender.push(event_keys[byte % event_keys.size()])) pressed += event_keys[byte % event_keys.size()];
    EventReceiver receiver;
    auto now = Steady{1h};
    std::uint32_t timestamp = in[0] + 1u, event = 0;   // 0: none yet
    bool arrived = false, all_arrived = true;
    std::size_t packet = 20;
    while (sender.busy()) {
        auto const step = sender.step(timestamp);
        if (step.packet) {
            if (step.packet->timestamp != event) all_arrived = all_arrived && (arrived || event == 0), arrived = false;
            event = step.packet->timestamp;
            auto const lost = packet < in.size() && (in[packet++] & 1);
            arrived = arrived || !lost;
            if (!lost) take(heard, receiver.receive(step.packet->payload, event, false, now));
        }
        now += 20ms;
        timestamp += 160;
        if (auto const key = receiver.poll(now)) heard += *key;
    }
    if (auto const key = receiver.poll(now + 1s)) heard += *key;
    ENSURE(heard.size() <= pressed.size());
    if (all_arrived && arrived) ENSURE(heard == pressed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    anything({data, size});
    heard_as_pressed({data, size});
    return 0;
}
