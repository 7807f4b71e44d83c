// `sip_uri`: dials a SIP address of the customer's. What it takes is settled here; dialling is not offered yet.
#include "call/target.hpp"
#include "egress/url.hpp"

namespace boni::call {
namespace {

Result<model::Target> check_sip_uri(json::object const& fields, std::string_view at, CheckContext const& context) {
    auto const place = std::string{at};
    auto const uri = json::text(fields, "sipUri");
    if (!uri) return fail(Errc::invalid, "sip_uri needs a sipUri", place + "sipUri", "invalid_target");
    CHECK_OK(egress::check_url(*uri, context.policy, egress::Use::sip, place + "sipUri"));
    CHECK_OK(check_ring_time(fields, at));
    return not_offered("target sip_uri", "sip_targets");
}

}  // namespace

extern Target const sip_uri_target{"sip_uri", "sip_targets", check_sip_uri, nullptr};

}  // namespace boni::call
