#include <doctest/doctest.h>

#include "call/admission.hpp"

using namespace boni;
using namespace boni::call;

namespace {

store::Inbound inbound() {
    store::Inbound out;
    out.tenant.id = TenantId::from("ten_a");
    out.tenant.limits = {{"concurrent_calls", 2}, {"calls_per_second", 3}};
    out.route = model::Route{};
    return out;
}

std::string cause(std::optional<Ending> const& refused) { return refused ? std::string{name(refused->cause)} : "let in"; }

}  // namespace

TEST_CASE("a tenant's status and route decide before its limits") {
    Admission admission;
    auto in = inbound();
    CHECK(cause(admission.refusal(in, 0, Steady{1h})) == "let in");
    in.tenant.status = model::TenantStatus::suspended;
    CHECK(cause(admission.refusal(in, 9, Steady{1h})) == "not_allowed");
    in.tenant.status = model::TenantStatus::active;
    in.route->status = model::RouteStatus::disabled;
    CHECK(admission.refusal(in, 0, Steady{1h})->error == "no_route");
    in.route.reset();
    CHECK(admission.refusal(in, 0, Steady{1h})->sip_status == 480);
}

TEST_CASE("concurrent_calls is a limit on calls that are let in") {
    Admission admission;
    CHECK(cause(admission.refusal(inbound(), 1, Steady{1h})) == "let in");
    CHECK(admission.refusal(inbound(), 2, Steady{1h})->error == "concurrency_limit");
}

TEST_CASE("calls_per_second lets a burst of one second through, then the rate") {
    Admission admission;
    Steady now{1h};
    for (int i = 0; i < 3; ++i) CHECK(cause(admission.refusal(inbound(), 0, now)) == "let in");
    auto const refused = admission.refusal(inbound(), 0, now);
    CHECK(cause(refused) == "overload");
    CHECK(refused->retry_after == 1);
    CHECK(cause(admission.refusal(inbound(), 0, now + 334ms)) == "let in");
    CHECK(cause(admission.refusal(inbound(), 0, now + 335ms)) == "overload");
}
