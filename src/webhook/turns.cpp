#include "webhook/turns.hpp"

#include <algorithm>
#include <deque>

namespace boni::webhook {

namespace {

/// One tenant's endpoints in line.
struct Line {
    TenantId tenant;
    std::deque<Candidate> endpoints;
};

/// Lines by tenant, each and all of them turned so that whoever was last comes last.
std::deque<Line> line_up(std::vector<Candidate> candidates, TenantId const& last, std::map<TenantId, EndpointId> const& last_endpoint) {
    std::ranges::sort(candidates, {}, [](Candidate const& one) { return std::tuple{one.tenant, one.endpoint, one.replays}; });
    std::deque<Line> lines;
    for (auto& one : candidates) {
        if (lines.empty() || lines.back().tenant != one.tenant) lines.push_back({one.tenant, {}});
        lines.back().endpoints.push_back(std::move(one));
    }
    for (auto& line : lines) {
        auto const known = last_endpoint.find(line.tenant);
        if (known == last_endpoint.end()) continue;
        auto const next = std::ranges::find_if(line.endpoints, [&](auto const& one) { return one.endpoint > known->second; });
        std::ranges::rotate(line.endpoints, next);
    }
    std::ranges::rotate(lines, std::ranges::find_if(lines, [&](auto const& line) { return line.tenant > last; }));
    return lines;
}

}  // namespace

std::vector<store::Grant> Turns::share(std::vector<Candidate> candidates, InFlight in_flight) {
    std::map<EndpointId, std::size_t> room;
    for (auto const& one : candidates) room[one.endpoint] = one.room;
    auto lines = line_up(std::move(candidates), last_tenant_, last_endpoint_);
    last_endpoint_.clear();
    std::map<std::pair<EndpointId, bool>, std::size_t> granted;
    while (!lines.empty() && in_flight.all < in_flight_max) {
        auto line = std::move(lines.front());
        lines.pop_front();
        auto& of_tenant = in_flight.by_tenant[line.tenant];
        auto one = std::move(line.endpoints.front());
        line.endpoints.pop_front();
        auto const slow = one.slow || one.replays;
        auto const tenant_max = slow || one.doubtful ? in_flight_doubtful_max : in_flight_tenant_max;
        auto const fits = of_tenant < tenant_max && room[one.endpoint] > 0 && (!slow || in_flight.slow < in_flight_slow_max);
        if (fits) {
            ++granted[{one.endpoint, one.replays}];
            ++of_tenant;
            ++in_flight.all;
            in_flight.slow += slow ? 1 : 0;
            --room[one.endpoint];
            last_tenant_ = line.tenant;
            last_endpoint_[line.tenant] = one.endpoint;
            line.endpoints.push_back(std::move(one));    // back to the end; what did not fit is out of this round
        }
        if (!line.endpoints.empty() && of_tenant < in_flight_tenant_max) lines.push_back(std::move(line));
    }
    std::vector<store::Grant> out;
    for (auto const& [key, count] : granted) out.push_back({key.first, key.second, count});
    return out;
}

}  // namespace boni::webhook
