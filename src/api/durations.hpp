// boni_http_request_duration_seconds: how long each operation takes, by its answer. Thread: control. Owner: Api.
#pragma once

#include <chrono>
#include <map>
#include <utility>

#include "api/resource.hpp"
#include "base/metrics.hpp"

namespace boni::api {

class Durations {
  public:
    /// `operation` null: the path or method is not served. Labels are of our making, so such a path has no name of its own.
    void add(Operation const* operation, int status, std::chrono::nanoseconds took);

  private:
    /// Looking one up by its labels costs as much as a read. Bounded by operations and statuses.
    std::map<std::pair<Operation const*, int>, prometheus::Histogram*> known_;
};

}  // namespace boni::api
