#include "api/durations.hpp"

#include <string>

namespace boni::api {
namespace {

std::vector<double> buckets() { return {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}; }   // seconds

}  // namespace

void Durations::add(Operation const* operation, int status, std::chrono::nanoseconds took) {
    auto& histogram = known_[{operation, status}];
    if (!histogram) {
        metrics::Labels const labels{{"route", operation ? "/v1" + std::string{operation->path} : "none"},
                                     {"method", operation ? std::string{operation->method} : "none"},
                                     {"code", std::to_string(status)}};
        histogram = &metrics::histogram("boni_http_request_duration_seconds",
                                        "Requests of the public API, from the whole request to its answer.", buckets(), labels);
    }
    histogram->Observe(std::chrono::duration<double>(took).count());
}

}  // namespace boni::api
