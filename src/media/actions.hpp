// What a leg wants done after it was given a packet, a command or a tick. One instance per media thread, reused; nothing allocates.
#pragma once

#include <array>
#include <cstdint>

#include <boost/container/static_vector.hpp>

#include "base/address.hpp"
#include "media/clip.hpp"
#include "media/packet.hpp"
#include "media/port_event.hpp"

namespace boni::media {

struct OutPacket {
    OutPacket() {}                                    // the bytes stay as they are: they are about to be written
    Address to;
    bool rtcp = false;
    std::uint16_t size = 0;
    std::array<std::uint8_t, 576> bytes;              ///< 60 ms of G.711 and a header, or any compound RTCP of ours

    Bytes view() const { return Bytes{bytes}.first(size); }
};

/// An event on its way to the control thread; the clip rides along so that its memory is freed there.
struct Report {
    PortEvent event;
    Clip done{};
};

class Waker;

struct Actions {
    /// One tick sends at most two packets of 10 ms, a flushed rest, an event and one RTCP compound; catching up is done tick by tick.
    boost::container::static_vector<OutPacket, 8> packets;
    /// The end of a leg completes 32 clips at once; everything else is one or two of a kind.
    boost::container::static_vector<Report, 64> reports;

    /// A reader on another thread has something to read; one of them, because they share a loop.
    Waker* wake = nullptr;

    void report(PortEvent event, Clip done = {}) {
        if (reports.size() < reports.capacity()) reports.push_back({std::move(event), std::move(done)});
    }
    void clear() {
        packets.clear();
        reports.clear();
        wake = nullptr;
    }
};

}  // namespace boni::media
