// `gather`: digits the caller presses, until enough, a key or silence ends it (control-webhook 6).
// Pure: digits and `now` in, an end out. Thread: any.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "call/action.hpp"

namespace boni::targets::control_webhook {

struct GatherRequest {
    std::optional<int> digits;                        ///< numDigits: ends as soon as reached
    std::chrono::milliseconds timeout{5000};
    char finish = '#';                                ///< 0: switched off
    std::optional<json::object> prompt;               ///< a `play` request: audioUrl or text, voice
};

/// Field paths are relative to the gather.
Result<GatherRequest> parse_gather(json::object const& fields, call::CheckContext const& context);

struct GatherEnd {
    std::string digits;                               ///< without the finish key
    std::string_view by;                              ///< num_digits, finish_key, timeout
};

class Gather {
  public:
    /// `prompted`: a prompt is about to play; the timeout starts when it has ended.
    Gather(GatherRequest const& request, bool prompted, Steady now);

    std::optional<GatherEnd> press(char key, Steady now);
    void prompt_ended(Steady now);
    /// When silence ends it; none while the prompt plays.
    std::optional<Steady> deadline() const { return deadline_; }
    std::optional<GatherEnd> tick(Steady now) const;

  private:
    GatherRequest const& request_;
    std::string digits_;
    std::optional<Steady> deadline_;
};

}  // namespace boni::targets::control_webhook
