#include "call/figures.hpp"

namespace boni::call::figures {
namespace {

std::vector<double> const milliseconds{.0005, .001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5};

prometheus::Histogram& setup(std::string const& stage) {
    return metrics::histogram("boni_call_setup_seconds", "From the INVITE to the named stage", milliseconds, {{"stage", stage}});
}

}  // namespace

prometheus::Gauge& active(model::Direction direction, model::Channel channel) {
    return metrics::gauge("boni_calls_active", "Calls that have not ended",
                          {{"direction", std::string{name(direction)}}, {"channel", std::string{name(channel)}}});
}

void ended(model::Call const& call) {
    metrics::counter("boni_calls_total", "Calls that ended, by status",
                     {{"direction", std::string{name(call.direction)}}, {"channel", std::string{name(call.channel)}},
                      {"result", std::string{name(call.status)}}})
        .Increment();
    metrics::counter("boni_call_ends_total", "Calls that ended, by cause", {{"cause", call.hangup_cause}}).Increment();
    static auto& length = metrics::histogram("boni_call_duration_seconds", "Answered time", {1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400});
    if (call.answered_at) length.Observe(call.duration_seconds());
}

prometheus::Histogram& setup_ringing() {
    static auto& one = setup("ringing");
    return one;
}

prometheus::Histogram& setup_control_request() {
    static auto& one = setup("control_request");
    return one;
}

prometheus::Histogram& hang_up() {
    static auto& one = metrics::histogram("boni_call_hangup_seconds", "From the hang-up request to the BYE", milliseconds);
    return one;
}

prometheus::Histogram& mos() {
    static auto& one = metrics::histogram("boni_call_mos", "Average MOS of ended calls, E-model", {1.5, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4});
    return one;
}

void route_step(std::string_view target, std::string_view result) {
    metrics::counter("boni_route_step_total", "Targets a call was at, by what became of it",
                     {{"target", std::string{target}}, {"result", std::string{result}}})
        .Increment();
}

}  // namespace boni::call::figures
