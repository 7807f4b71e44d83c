#include "app/descriptors.hpp"

#include <algorithm>

#include <sys/resource.h>

#include "base/log.hpp"

namespace boni::app {
namespace {

constexpr rlim_t most = 65536;                    // sip/thread.cpp: libre refuses descriptors beyond its table
constexpr std::uint64_t of_a_call = 3;            // RTP, RTCP, and a connection to its customer or the file of its recording
constexpr std::uint64_t of_the_process = 256;     // the database, listeners, carriers' connections, customers' that are kept, children

}  // namespace

std::uint64_t descriptors_wanted(Config const& config) {
    auto const port_pairs = (config.media.port_last - config.media.port_first + 1) / 2;
    auto const calls = std::uint64_t(std::min<std::int64_t>(config.sip.sessions_max, port_pairs));
    return of_the_process + std::uint64_t(config.http.connections_max) + of_a_call * calls;
}

std::uint64_t raise_descriptor_limit(std::uint64_t wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (auto const best = std::min(limit.rlim_max, most); limit.rlim_cur < best) {
        auto const before = std::exchange(limit.rlim_cur, best);
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
    }
    if (limit.rlim_cur < wanted)
        log_warning("app", "the process may open fewer files than its calls and connections may need: raise LimitNOFILE (ulimit -n), or lower sip.sessions_max",
                    {{"may", std::to_string(limit.rlim_cur)}, {"wanted", std::to_string(wanted)}});
    return limit.rlim_cur;
}

}  // namespace boni::app
