// Digits as tones, for peers that did not negotiate telephone-event: spandsp's detector and generator (media.md 5.4).
// Lives on a media thread; the states are allocated with the leg. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <spandsp.h>

namespace boni::media {

class ToneDetector {
  public:
    ToneDetector();
    /// A digit whose tone was recognised in these samples; 0: none.
    char listen(std::span<std::int16_t const> samples);

  private:
    struct Free { void operator()(dtmf_rx_state_t* state) const { dtmf_rx_free(state); } };
    std::unique_ptr<dtmf_rx_state_t, Free> state_;
};

class ToneGenerator {
  public:
    ToneGenerator();
    bool push(char key);
    /// Overwrites `out` while a digit sounds; the samples it wrote, 0 when there is nothing to send.
    std::size_t fill(std::span<std::int16_t> out);

  private:
    struct Free { void operator()(dtmf_tx_state_t* state) const { dtmf_tx_free(state); } };
    std::unique_ptr<dtmf_tx_state_t, Free> state_;
};

}  // namespace boni::media
