// How a figure went over a call, in few numbers however long the call is: once there are too many, two become one, the worse of them.
// Thread: its owner's; pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace boni::call {

class Course {
  public:
    static constexpr std::size_t values_max = 120;   // ten minutes of samples of 5 s
    explicit Course(std::chrono::seconds every) : every_{every} {}

    /// The next sample; less is worse. Nothing: it is not known.
    void add(std::optional<double> value) {
        worst_ = worse(worst_, value);
        if (++taken_ < width_) return;
        taken_ = 0;
        values_.push_back(std::exchange(worst_, {}));
        if (values_.size() < values_max) return;
        for (auto i = 0uz; i < values_max / 2; ++i) values_[i] = worse(values_[2 * i], values_[2 * i + 1]);
        values_.resize(values_max / 2);
        width_ *= 2;
    }

    std::vector<std::optional<double>> const& values() const { return values_; }
    std::chrono::seconds every() const { return every_ * width_; }   ///< what one value stands for

    /// To the hundredth, null where it is not known.
    json::array to_json() const {
        json::array out;
        for (auto const& value : values_) out.push_back(value ? json::value(std::round(*value * 100) / 100) : json::value{});
        return out;
    }

  private:
    static std::optional<double> worse(std::optional<double> a, std::optional<double> b) { return a && b ? std::min(*a, *b) : a ? a : b; }

    std::chrono::seconds every_;
    int width_ = 1, taken_ = 0;
    std::optional<double> worst_;             ///< of the samples that are not a value yet
    std::vector<std::optional<double>> values_;
};

}  // namespace boni::call
