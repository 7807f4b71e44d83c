// Messages of a call as a capture file that Wireshark and sngrep open: no capture library, no root (console-and-dx 6.3). Pure. Thread: any.
#pragma once

#include <span>
#include <string>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace boni::admin {

struct Datagram {
    Instant at{};
    Address from;
    Address to;
    std::string payload;
};

/// Classic pcap with microseconds, link type RAW: each payload behind IP and UDP headers of our making, whatever carried it. What does not
/// fit into a datagram is cut off at its end; addresses of two families are skipped.
std::string pcap(std::span<Datagram const> datagrams);

}  // namespace boni::admin
