#include <doctest/doctest.h>

#include "egress/http_client.hpp"
#include "targets/control_webhook/decision.hpp"

using namespace boni;
using namespace boni::targets::control_webhook;

namespace {

Result<Decision> parse(std::string_view body, json::object const& metadata = {}) {
    model::Tenant tenant;
    egress::Policy const policy;
    auto const parsed = json::parse(body);
    REQUIRE(parsed);
    return parse_decision(*parsed, {tenant, policy}, metadata);
}

/// "ok", or the field of the first error.
std::string verdict(std::string_view body) {
    auto const decision = parse(body);
    return decision ? "ok" : decision.error().field;
}

}  // namespace

TEST_CASE("the grammar of a decision, row by row") {
    struct Row { char const* body; char const* verdict; };
    Row const rows[] = {
        {R"({"type":"hangup"})", "ok"},
        {R"({"type":"phone_number","phoneNumber":"+918012345678"})", "features.outbound"},
        {R"({"type":"nowhere"})", "type"},
        {R"({"type":7})", "type"},
        {R"([])", ""},
        {R"({})", ""},
        {R"({"fallback":[]})", ""},
        {R"({"unknown":1})", ""},
        {R"({"metadata":{}})", "ok"},
        {R"({"answer":"auto"})", "ok"},
        {R"({"answer":"maybe"})", "answer"},
        {R"({"answer":null})", "answer"},
        {R"({"actions":[]})", "actions"},
        {R"({"actions":[],"answer":"auto"})", "ok"},
        {R"({"actions":[],"target":{"type":"hangup"}})", "ok"},
        {R"({"actions":{}})", "actions"},
        {R"({"actions":[7]})", "actions[0]"},
        {R"({"actions":[{}]})", "actions[0].action"},
        {R"({"actions":[{"action":"fly"}]})", "actions[0].action"},
        {R"({"actions":[{"action":"transfer","target":{"type":"hangup"}}]})", "features.outbound"},
        {R"({"actions":[{"action":"play","text":"Hello","future":true}]})", "ok"},
        {R"({"actions":[{"action":"play"}]})", "actions[0].audioUrl"},
        {R"({"actions":[{"action":"play","text":"a","loop":11}]})", "actions[0].loop"},
        {R"({"actions":[{"action":"play","audioUrl":"http://a.example.com/x.wav"}]})", "actions[0].audioUrl"},
        {R"({"actions":[{"action":"play","audioUrl":"https://127.0.0.1/x.wav"}]})", "actions[0].audioUrl"},
        {R"({"actions":[{"action":"hangup"}]})", "ok"},
        {R"({"actions":[{"action":"hangup","reason":"bored"}]})", "actions[0].reason"},
        {R"({"actions":[{"action":"hangup"},{"action":"play","text":"a"}]})", "actions[0].action"},
        {R"({"actions":[{"action":"hangup"}],"target":{"type":"hangup"}})", "target"},
        {R"({"actions":[{"action":"gather"}],"target":{"type":"hangup"}})", "target"},
        {R"({"actions":[{"action":"gather"},{"action":"hangup"}]})", "actions[0].action"},
        {R"({"actions":[{"action":"gather","numDigits":0}]})", "actions[0].numDigits"},
        {R"({"actions":[{"action":"gather","numDigits":32,"timeoutSeconds":1.5,"finishOnKey":"*"}]})", "ok"},
        {R"({"actions":[{"action":"gather","timeoutSeconds":61}]})", "actions[0].timeoutSeconds"},
        {R"({"actions":[{"action":"gather","finishOnKey":"##"}]})", "actions[0].finishOnKey"},
        {R"({"actions":[{"action":"gather","finishOnKey":"a"}]})", "actions[0].finishOnKey"},
        {R"({"actions":[{"action":"gather","finishOnKey":""}]})", "ok"},
        {R"({"actions":[{"action":"gather","prompt":{"text":"Press 1","voice":"en-IN"}}]})", "ok"},
        {R"({"actions":[{"action":"gather","prompt":{}}]})", "actions[0].prompt"},
        {R"({"actions":[{"action":"gather","prompt":{"text":"a","audioUrl":"https://a.example.com/b.wav"}}]})", "actions[0].prompt"},
        {R"({"actions":[{"action":"gather","prompt":{"text":""}}]})", "actions[0].prompt.text"},
        {R"({"target":{"type":"hangup"},"fallback":[{"type":"hangup"}]})", "ok"},
        {R"({"target":{"type":"hangup"},"fallback":{}})", "fallback"},
        {R"({"target":{"type":"hangup"},"fallback":[{"type":"x"}]})", "fallback[0].type"},
        {R"({"target":7})", "target"},
        {R"({"target":{"type":"control_webhook"}})", "target.url"},
        {R"({"target":{"type":"control_webhook","url":"https://10.0.0.1/"}})", "target.url"},
        {R"({"target":{"type":"control_webhook","url":"https://ivr.customer-site.com/","timeoutMs":200}})", "target.timeoutMs"},
        {R"({"next":{"url":"https://ivr.customer-site.com/two","timeoutMs":5000}})", "ok"},
        {R"({"next":{"timeoutMs":5000}})", "next.url"},
        {R"({"next":"https://ivr.customer-site.com/"})", "next"},
        {R"({"metadata":[]})", "metadata"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.body);
        CHECK(verdict(row.body) == row.verdict);
    }
}

TEST_CASE("a decision is read into values") {
    auto const decision = parse(R"({"answer":"early","actions":[{"action":"play","text":"Hi","voice":"hi-IN"},
        {"action":"gather","numDigits":1,"timeoutSeconds":6,"finishOnKey":""}],"metadata":{"vip":true}})");
    REQUIRE(decision);
    CHECK(decision->answer == call::Answering::early);
    REQUIRE(decision->actions.size() == 2);
    CHECK(decision->actions[0].request.at("text") == "Hi");
    CHECK(decision->actions[1].gather->digits == 1);
    CHECK(decision->actions[1].gather->timeout == 6s);
    CHECK(decision->actions[1].gather->finish == 0);
    CHECK(decision->metadata.at("vip") == true);
    CHECK_FALSE(decision->fallback);
}

TEST_CASE("33 actions, 9 fallbacks and 4 KiB of merged metadata are too much") {
    std::string actions, fallback;
    for (int i = 0; i < 33; ++i) actions += std::string{i ? "," : ""} + R"({"action":"play","text":"a"})";
    for (int i = 0; i < 9; ++i) fallback += std::string{i ? "," : ""} + R"({"type":"hangup"})";
    CHECK(verdict(R"({"actions":[)" + actions + "]}") == "actions");
    CHECK(verdict(R"({"target":{"type":"hangup"},"fallback":[)" + fallback + "]}") == "fallback");
    json::object const metadata{{"a", std::string(4000, 'x')}};
    CHECK(parse(R"({"metadata":{"a":"small"}})", metadata));
    CHECK(parse(R"({"metadata":{"b":")" + std::string(200, 'y') + R"("}})", metadata).error().field == "metadata");
}

TEST_CASE("a target whose feature is off makes the decision invalid") {
    model::Tenant tenant;
    tenant.features["control_webhook"] = false;
    egress::Policy const policy;
    auto const body = *json::parse(R"({"target":{"type":"control_webhook","url":"https://ivr.customer-site.com/"}})");
    CHECK(parse_decision(body, {tenant, policy}, {}).error().token == "feature_not_enabled");
}
