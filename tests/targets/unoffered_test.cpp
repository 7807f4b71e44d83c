// Targets that nothing runs yet: their requests are read to the end, and then refused for what is missing (api-semantics 4 and 7).
#include <doctest/doctest.h>

#include "call/target.hpp"
#include "egress/policy.hpp"

using namespace boni;

namespace {

/// The public token and field of the refusal; every feature is on unless it is `off`.
std::string check_of(std::string_view target, model::Channel channel = model::Channel::pstn, std::string const& off = "") {
    model::Tenant tenant;
    for (auto const& feature : model::feature_table()) tenant.features[std::string{feature.name}] = feature.name != off;
    egress::Policy const policy;
    auto const checked = call::check_target(*json::parse(target), "primary.", {tenant, policy, channel});
    return checked ? "ok" : checked.error().token + ' ' + checked.error().field;
}

}  // namespace

TEST_CASE("a valid target that nothing runs yet says so by its feature, whatever the plan has") {
    for (auto const& [target, feature] : {std::pair{R"({"type":"phone_number","phoneNumber":"9876543210","timeoutSeconds":25})", "outbound"},
                                          {R"({"type":"team","teamId":"team_1"})", "outbound"},
                                          {R"({"type":"sip_uri","sipUri":"sip:desk@pbx.customer-site.com"})", "sip_targets"},
                                          {R"({"type":"bow_chat","bowChatInboxId":"inbox_1"})", "bow_chat"}}) {
        CAPTURE(target);
        CHECK(check_of(target) == "feature_not_enabled features." + std::string{feature});
        CHECK(check_of(target, model::Channel::pstn, feature) == "feature_not_enabled features." + std::string{feature});
    }
}

TEST_CASE("what a target lacks or cannot mean is told first") {
    CHECK(check_of(R"({"type":"phone_number"})") == "invalid_target primary.phoneNumber");
    CHECK(check_of(R"({"type":"phone_number","phoneNumber":"12"})") == "invalid_value primary.phoneNumber");
    CHECK(check_of(R"({"type":"phone_number","phoneNumber":"+14155550100"})") == "invalid_target primary.phoneNumber");
    CHECK(check_of(R"({"type":"phone_number","phoneNumber":"+919876543210","timeoutSeconds":4})") == "limit_exceeded primary.timeoutSeconds");
    CHECK(check_of(R"({"type":"phone_number","phoneNumber":"+919876543210"})", model::Channel::whatsapp_calling) == "channel_target_forbidden primary.type");
    CHECK(check_of(R"({"type":"team"})") == "invalid_target primary.teamId");
    CHECK(check_of(R"({"type":"sip_uri"})") == "invalid_target primary.sipUri");
    CHECK(check_of(R"({"type":"sip_uri","sipUri":"sip:a@10.0.0.1"})") == "unsafe_url primary.sipUri");
    CHECK(check_of(R"({"type":"bow_chat"})") == "invalid_target primary.bowChatInboxId");
    CHECK(check_of(R"({"type":"ai_agent"})") == "invalid_target primary.agentId");
    CHECK(check_of(R"({"type":"ai_agent","agentId":"agent_1"})", model::Channel::pstn, "ai_agents") == "feature_not_enabled features.ai_agents");
    CHECK(check_of(R"({"type":"ai_agent","agentId":"agent_1","url":"ignored"})") == "ok");
}
