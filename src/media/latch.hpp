// Which source a leg listens to and where it sends: symmetric RTP that cannot be hijacked (media.md 5.1).
// Lives on a media thread; pure, takes `now`.
//
// Plain RTP. Until 250 ms after the answer only the signalled address counts; after that the first valid packet latches its source.
// A latched leg changes its source only after signalling gave a new address, or when the latched source has been silent for 2 s and
// the new one carries the same SSRC. We never send to an address that neither signalled nor latched. A hold that signals nowhere
// (c=0.0.0.0, port 0) opens nothing, and who comes back to the address his source latched for is where that source is.
#pragma once

#include <optional>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace boni::media {

class Latch {
  public:
    /// After offer/answer. An unchanged address changes nothing.
    void signalled(Address remote, Steady now);

    enum class Verdict { accepted, latched, relatched, refused };
    /// For an RTP packet already known to be valid: version, known payload type, plausible length.
    Verdict judge(Address const& from, std::uint32_t ssrc, Steady now);
    /// RTCP comes from another port but from the same machine.
    bool accepts_rtcp(Address const& from) const;

    /// Where RTP goes; port 0: nowhere yet.
    Address const& target() const { return moved_ || !source_ ? remote_ : *source_; }
    /// The source the kernel may filter for; nothing while another one could legitimately take over.
    std::optional<Address> only(Steady now) const;

  private:
    Address remote_;
    std::optional<Address> source_;
    Address latched_for_{};          ///< what was signalled when that source latched
    std::uint32_t ssrc_ = 0;
    bool moved_ = false;             ///< signalling gave another address and nobody has latched since
    Steady since_{};                 ///< of the latest signalled address
    Steady last_{};                  ///< accepted packet
};

}  // namespace boni::media
