// The metrics of event deliveries (console-and-dx 6.1). Thread: any.
#pragma once

#include "base/clock.hpp"
#include "model/event.hpp"

namespace boni::webhook::figures {

/// boni_webhook_deliveries_total{result}: one per attempt; `failed` is the last of its schedule, `retry` is not.
void attempt(model::DeliveryStatus outcome);
/// boni_webhook_delivery_seconds: from the event to the answer that accepted it.
void delivered_after(std::chrono::microseconds time);
/// boni_webhook_queue_depth and boni_webhook_oldest_pending_seconds.
void queue(std::size_t pending, std::chrono::microseconds oldest);

}  // namespace boni::webhook::figures
