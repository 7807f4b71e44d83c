// WhatsApp numbers: asking for calling, what is shown of it, and their routes (whatsapp-calling 1 and 2, api-semantics 8).
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

struct WhatsappStage : ApiStage {
    WhatsappStage() {
        change_tenant([](model::Tenant& t) { t.features["whatsapp_calling"] = t.features["outbound"] = true; });
        whatsapp = test::number_row(tenant, "+918050000001", clock.now());
        whatsapp.type = model::NumberType::whatsapp_calling;
        ok(store->create_number(whatsapp));
        path = "/v1/whatsapp-calling/numbers/" + whatsapp.id.str();
    }
    model::Number whatsapp;
    std::string path;
    test::Answered enable(std::string body) { return post(path + "/enable", std::move(body)); }
    void verified(model::CallingStatus status) {
        ok(store->change_whatsapp(tenant.id, whatsapp.id, [status](store::WhatsAppChange& change) -> Result<> {
            change.known.calling.status = status;
            return {};
        }));
    }
};

std::string calling(test::Answered const& answer, std::string_view name) {
    return json::text_or_empty(answer.body.at("whatsapp").as_object(), name);
}

}  // namespace

TEST_CASE("WhatsApp numbers are in their own list, with what was never asked for shown as such") {
    WhatsappStage stage;
    auto const list = stage.get("/v1/whatsapp-calling/numbers");
    REQUIRE(list.data().size() == 1);
    auto const& row = list.data()[0].as_object();
    CHECK(row.at("type") == "whatsapp_calling");
    CHECK(row.at("whatsapp") == json::value{{"callingStatus", "not_enabled"}, {"consentStatus", "unknown"}});
    for (auto const& number : stage.get("/v1/numbers").data()) CHECK(number.at("type") == "indian_business_number");
    CHECK(stage.get("/v1/numbers/" + stage.whatsapp.id.str()).status() == 200);
    CHECK(stage.post("/v1/whatsapp-calling/numbers/" + stage.number.id.str() + "/enable", R"({"phoneNumberId":"1"})").status() == 404);
}

TEST_CASE("a request is pending until the operator has verified it, with ids masked") {
    WhatsappStage stage;
    auto const asked = stage.enable(R"({"phoneNumberId":"109876543210","wabaId":"55","businessPhoneNumber":"8050000001","bowChatInboxId":"inbox"})");
    REQUIRE(asked.status() == 202);
    CHECK(calling(asked, "callingStatus") == "pending");
    CHECK(calling(asked, "phoneNumberId") == "****3210");
    CHECK(calling(asked, "wabaId") == "****");
    CHECK(calling(asked, "bowChatInboxId") == "inbox");
    CHECK(asked.response.body.find("109876543210") == std::string::npos);
    CHECK(stage.get("/v1/whatsapp-calling/numbers").data()[0] == json::value(asked.body));
    CHECK(calling(stage.enable(R"({"phoneNumberId":"109876543210","wabaId":"नमस्ते12"})"), "wabaId") == "****ते12");   // characters, not bytes
    CHECK(stage.enable(R"({"phoneNumberId":"109876543210","wabaId":"77777"})").status() == 202);
    auto const another = stage.enable(R"({"phoneNumberId":"200000000000"})");
    CHECK(another.status() == 409);
    CHECK(another.error() == "permission_pending");
    stage.verified(model::CallingStatus::active);
    CHECK(calling(stage.enable(R"({"phoneNumberId":"109876543210"})"), "callingStatus") == "active");
    CHECK(calling(stage.enable(R"({"phoneNumberId":"200000000000"})"), "callingStatus") == "pending");
    stage.verified(model::CallingStatus::failing);
    CHECK(calling(stage.enable(R"({"phoneNumberId":"200000000000"})"), "callingStatus") == "pending");
    auto const stored = stage.ok(stage.store->whatsapp_number(stage.tenant.id, stage.whatsapp.id)).calling;
    CHECK(stored.waba_id == "77777");
    CHECK(stored.business_phone_number == "+918050000001");
}

TEST_CASE("an enable request is checked to the last field of its default route") {
    WhatsappStage stage;
    struct Row { std::string body; int status; std::string error; std::string field; };
    for (auto const& [body, status, error, field] : {
             Row{"{}", 400, "validation_failed", "phoneNumberId"},
             Row{R"({"phoneNumberId":1})", 400, "validation_failed", "phoneNumberId"},
             Row{R"({"phoneNumberId":"1","defaultRoute":{}})", 400, "validation_failed", "defaultRoute.primary"},
             Row{R"({"phoneNumberId":"1","defaultRoute":{"primary":{"type":"x"}}})", 400, "validation_failed", "defaultRoute.primary.type"},
             Row{R"({"phoneNumberId":""})", 422, "invalid_value", "phoneNumberId"},
             Row{R"({"phoneNumberId":"1","businessPhoneNumber":"12"})", 422, "invalid_value", "businessPhoneNumber"},
             Row{R"({"phoneNumberId":"1","defaultRoute":{"primary":{"type":"phone_number","phoneNumber":"+919876543210"}}})", 422,
                 "channel_target_forbidden", "defaultRoute.primary.type"},
         }) {
        CAPTURE(body);
        auto const refused = stage.enable(body);
        CHECK(refused.status() == status);
        CHECK(refused.error() == error);
        CHECK(refused.field() == field);
    }
    CHECK(stage.enable(R"({"phoneNumberId":"1","defaultRoute":{"primary":{"type":"hangup"},"metadata":{"a":1}}})").status() == 202);
    auto const stored = stage.ok(stage.store->whatsapp_number(stage.tenant.id, stage.whatsapp.id)).calling;
    CHECK(stored.default_route == json::object{{"primary", json::object{{"type", "hangup"}}}, {"fallback", json::array{}},
                                               {"metadata", json::object{{"a", 1}}}});
}

TEST_CASE("writes need the feature, reads do not, and a route takes no telephone") {
    WhatsappStage stage;
    CHECK(stage.get(stage.path + "/route").status() == 404);
    CHECK(stage.put(stage.path + "/route", R"({"primary":{"type":"phone_number","phoneNumber":"+919876543210"}})").error() == "channel_target_forbidden");
    auto const saved = stage.put(stage.path + "/route", R"({"primary":{"type":"hangup"}})");
    CHECK(saved.status() == 200);
    CHECK(stage.get(stage.path + "/route").body == saved.body);
    stage.change_tenant([](model::Tenant& t) { t.features["whatsapp_calling"] = false; });
    for (auto const& refused : {stage.put(stage.path + "/route", R"({"primary":{"type":"hangup"}})"),
                                stage.put("/v1/numbers/" + stage.whatsapp.id.str() + "/route", R"({"primary":{"type":"hangup"}})"),
                                stage.enable(R"({"phoneNumberId":"1"})")}) {
        CHECK(refused.status() == 403);
        CHECK(refused.field() == "features.whatsapp_calling");
    }
    CHECK(stage.get(stage.path + "/route").status() == 200);
    CHECK(stage.get("/v1/whatsapp-calling/numbers").status() == 200);
    stage.key = stage.add_key(stage.add_tenant("other", [](model::Tenant& t) { t.features["whatsapp_calling"] = true; }).id, {});
    CHECK(stage.get(stage.path + "/route").status() == 404);
    CHECK(stage.enable(R"({"phoneNumberId":"1"})").status() == 404);
}
