// One attempt: signed afresh, sent once, its answer put into words (events-and-webhooks 4 and 6). Thread: control.
#pragma once

#include "webhook/delivery.hpp"
#include "webhook/outcome.hpp"

namespace boni::webhook {

/// What the attempt came to. `gone`: the receiver asked never to be called again.
struct Attempted {
    store::AttemptResult result;
    EndpointId endpoint;
    bool succeeded = false;
    bool gone = false;
};

/// Never fails: what goes wrong is a result. Throws operation_aborted when cancelled. `http` and `clock` outlive it.
Task<Attempted> attempt(egress::HttpClient& http, Clock& clock, Secret master_key, store::DueDelivery due);

}  // namespace boni::webhook
