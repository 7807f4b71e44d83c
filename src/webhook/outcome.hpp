// What an attempt's answer means (events-and-webhooks 6, "Outcome of an attempt"). Pure. Thread: any.
#pragma once

#include "egress/http_client.hpp"
#include "webhook/schedule.hpp"

namespace boni::webhook {

struct Outcome {
    enum class Kind { delivered, retry, gone };
    Kind kind = Kind::retry;
    std::optional<int> status;                       ///< when there was an answer
    std::string error;                               ///< the public lastError; empty when delivered
    Failure failure;                                 ///< for the schedule
};

Outcome outcome_of(Result<egress::HttpResponse> const& answer, Instant now);

}  // namespace boni::webhook
