// Counters, gauges and histograms, kept and rendered by prometheus-cpp. Names and labels: console-and-dx 6.1;
// labels only from small enumerations, never a call id, number or free text. Thread: any (atomics inside).
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace boni::metrics {

using Labels = std::map<std::string, std::string>;

/// Looking one up takes a lock: keep the reference. They live until the process ends, unless they are forgotten.
prometheus::Counter& counter(std::string const& name, std::string const& help, Labels const& labels = {});
prometheus::Gauge& gauge(std::string const& name, std::string const& help, Labels const& labels = {});
prometheus::Histogram& histogram(std::string const& name, std::string const& help, std::vector<double> buckets, Labels const& labels = {});

/// What is no more has no figures: a trunk that was removed is not a trunk that is down. Nobody may hold a reference.
void forget_gauge(std::string const& name, std::string const& help, Labels const& labels);
void forget_histogram(std::string const& name, std::string const& help, Labels const& labels);

/// The whole registry in Prometheus' text format 0.0.4, with process_* figures read at this moment.
std::string render();

}  // namespace boni::metrics
