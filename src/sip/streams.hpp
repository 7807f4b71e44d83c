// The TCP and TLS connections that peers opened to us: strangers may hold only so many and only so long.
//
// libre accepts whoever comes, keeps a silent connection for 32 s and one that ever said something for 15 minutes, and shows neither; a
// crowd of half-open TLS connections would take every descriptor. So they are looked at from outside, once a second, and shut down; libre
// then sees them end. Looked at is what libre's loop waits for, as the kernel tells it: sockets of media are a hundred times as many.
// Thread: SIP, which alone closes these descriptors.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace boni::sip {

struct StreamLimits {
    std::size_t strangers_max = 1024;        ///< at once; beyond it the oldest of the address that has most go
    std::chrono::seconds stranger_time{32};  ///< for a connection of a stranger, whatever it says (RFC 3261: 64*T1)
};

class Streams {
  public:
    explicit Streams(StreamLimits limits) : limits_{limits} {}

    /// A request of a trunk came from there: that connection stays.
    void trusted(Address const& peer);
    /// Looks at every descriptor accepted on `listeners` that the loop of these waits for; `known` tells the addresses of trunks. Returns how
    /// many it shut down.
    std::size_t look(std::vector<Address> const& listeners, std::function<bool(Address const&)> const& known, Steady now);

  private:
    struct Stream {
        int descriptor = -1;
        Steady since{};
        bool trusted = false;
        bool seen = false;                   // in this look
    };
    std::vector<int> candidates(std::vector<Address> const& listeners);
    void find(std::vector<Address> const& listeners, Steady now);
    std::vector<Stream const*> too_many() const;

    StreamLimits limits_;
    std::optional<int> loop_;                // its epoll, once it was looked for; negative: not found
    std::map<Address, Stream> streams_;      // by peer; as many as there are descriptors
};

}  // namespace boni::sip
