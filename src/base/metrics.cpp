#include "base/metrics.hpp"

#include <fstream>
#include <filesystem>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

namespace boni::metrics {
namespace {

prometheus::Registry& registry() {
    static prometheus::Registry instance;
    return instance;
}

double resident_bytes() {
    std::ifstream statm{"/proc/self/statm"};
    long size = 0;
    long resident = 0;
    statm >> size >> resident;
    return double(resident) * double(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
    std::error_code ignored;
    auto count = 0;
    for (auto const& entry : std::filesystem::directory_iterator{"/proc/self/fd", ignored}) count += entry.exists(ignored) ? 1 : 0;
    return count;
}

void sample_process() {
    static auto& memory = gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
    static auto& descriptors = gauge("process_open_fds", "Number of open file descriptors.");
    static auto& cpu = gauge("process_cpu_seconds_total", "User and system CPU time spent, in seconds.");
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const seconds = [](timeval const& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    cpu.Set(seconds(used.ru_utime) + seconds(used.ru_stime));
    memory.Set(resident_bytes());
    descriptors.Set(open_descriptors());
}

}  // namespace

prometheus::Counter& counter(std::string const& name, std::string const& help, Labels const& labels) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Gauge& gauge(std::string const& name, std::string const& help, Labels const& labels) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Histogram& histogram(std::string const& name, std::string const& help, std::vector<double> buckets, Labels const& labels) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(labels, buckets);
}

std::string render() {
    sample_process();
    return prometheus::TextSerializer{}.Serialize(registry().Collect());
}

}  // namespace boni::metrics
