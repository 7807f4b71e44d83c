#include "webhook/figures.hpp"

#include "base/metrics.hpp"

namespace boni::webhook::figures {

namespace {

prometheus::Counter& attempts(char const* result) {
    return metrics::counter("boni_webhook_deliveries_total", "Attempts to deliver an event", {{"result", result}});
}

double seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void attempt(model::DeliveryStatus outcome) {
    static auto& delivered = attempts("delivered");
    static auto& failed = attempts("failed");
    static auto& retry = attempts("retry");
    auto& counter = outcome == model::DeliveryStatus::delivered ? delivered : outcome == model::DeliveryStatus::failed ? failed : retry;
    counter.Increment();
}

void delivered_after(std::chrono::microseconds time) {
    static auto& histogram = metrics::histogram("boni_webhook_delivery_seconds", "From the event to the answer that accepted it",
                                                {.005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300, 3600});
    histogram.Observe(seconds(time));
}

void queue(std::size_t pending, std::chrono::microseconds oldest) {
    static auto& depth = metrics::gauge("boni_webhook_queue_depth", "Deliveries that are pending");
    static auto& age = metrics::gauge("boni_webhook_oldest_pending_seconds", "How long the longest overdue delivery has been due");
    depth.Set(double(pending));
    age.Set(seconds(oldest));
}

}  // namespace boni::webhook::figures
