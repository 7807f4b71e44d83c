// A customer's answer to a control request: whatever JSON it is, it is taken whole within its limits, or refused as the customer's mistake.
#include <cstddef>
#include <cstdint>

#include "egress/url.hpp"
#include "targets/control_webhook/decision.hpp"

using namespace boni;
using namespace boni::targets::control_webhook;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const document = json::parse({reinterpret_cast<char const*>(data), size});
    if (!document) return 0;
    static model::Tenant const tenant;
    static egress::Policy const policy;
    static json::object const metadata{{"kept", "yes"}};
    auto const decision = parse_decision(*document, {tenant, policy}, metadata);
    if (!decision) {
        ENSURE(decision.error().code != Errc::internal && decision.error().code != Errc::unavailable);
        ENSURE(!decision.error().what.empty());
        return 0;
    }
    ENSURE(decision->actions.size() <= actions_max);
    ENSURE(!decision->fallback || decision->fallback->size() <= fallback_max);
    ENSURE(json::serialize(decision->metadata).size() <= metadata_bytes_max);
    for (auto const& step : decision->actions) ENSURE((step.name == "gather") == step.gather.has_value());
    if (decision->next) ENSURE(egress::check_url(decision->next->url, policy, egress::Use::http).has_value() && decision->next->budget.count() > 0);
    return 0;
}
