#include "base/metrics.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace boni::metrics {
namespace {

prometheus::Registry& registry() {
    static prometheus::Registry instance;
    return instance;
}

struct MemoryUse {
    double all = 0;                                      ///< bytes
    double resident = 0;
};

MemoryUse memory_use() {
    std::ifstream statm{"/proc/self/statm"};
    long size = 0;
    long resident = 0;
    statm >> size >> resident;
    auto const page = double(::sysconf(_SC_PAGESIZE));
    return {double(size) * page, double(resident) * page};
}

/// Unix seconds. /proc counts ticks from the boot to it.
double started_at() {
    std::ifstream in{"/proc/self/stat"};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    std::istringstream fields{text.substr(text.rfind(')') + 1)};   // the name before may hold anything
    std::string skipped;
    for (auto n = 0; n < 19; ++n) fields >> skipped;
    double ticks = 0;
    fields >> ticks;
    timespec wall{}, since_boot{};
    ::clock_gettime(CLOCK_REALTIME, &wall);
    ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
    auto const seconds = [](timespec const& time) { return double(time.tv_sec) + double(time.tv_nsec) / 1e9; };
    return seconds(wall) - seconds(since_boot) + ticks / double(::sysconf(_SC_CLK_TCK));
}

double descriptors_max() {
    rlimit most{};
    ::getrlimit(RLIMIT_NOFILE, &most);
    return double(most.rlim_cur);
}

/// Linux 6.2 and later tells it at once. Counted one by one, as many as 5000 calls have would keep every caller waiting.
double open_descriptors() {
    struct ::stat folder{};
    if (::stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0) return double(folder.st_size);
    std::error_code ignored;
    return double(std::distance(std::filesystem::directory_iterator{"/proc/self/fd", ignored}, {})) - 1;   // less the one that reads them
}

void sample_process() {
    static auto& resident = gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
    static auto& all = gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
    static auto& descriptors = gauge("process_open_fds", "Number of open file descriptors.");
    static auto& limit = gauge("process_max_fds", "Maximum number of open file descriptors.");
    static auto& cpu = counter("process_cpu_seconds_total", "User and system CPU time spent, in seconds.");
    static auto& start = gauge("process_start_time_seconds", "Start time of the process since the epoch, in seconds.");
    static auto const started = started_at();
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const seconds = [](timeval const& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    cpu.Increment(seconds(used.ru_utime) + seconds(used.ru_stime) - cpu.Value());
    auto const memory = memory_use();
    resident.Set(memory.resident);
    all.Set(memory.all);
    descriptors.Set(open_descriptors());
    limit.Set(descriptors_max());
    start.Set(started);
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

void forget_gauge(std::string const& name, std::string const& help, Labels const& labels) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry());
    family.Remove(&family.Add(labels));
}

void forget_histogram(std::string const& name, std::string const& help, Labels const& labels) {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(registry());
    family.Remove(&family.Add(labels, prometheus::Histogram::BucketBoundaries{}));
}

std::string render() {
    sample_process();
    return prometheus::TextSerializer{}.Serialize(registry().Collect());
}

}  // namespace boni::metrics
