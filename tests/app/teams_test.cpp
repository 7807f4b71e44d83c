// Teams of a tenant, as the operator keeps them.
#include "support/running_app.hpp"

using namespace boni;
using test::member;

namespace {

struct TeamsStage {
    TeamsStage() {
        REQUIRE(app.admin("POST", "/v1/tenants", R"({"key":"acme","test":true})").status == 201);
        REQUIRE(app.admin("POST", "/v1/tenants", R"({"key":"other","test":true})").status == 201);
    }
    test::TempFolder folder;
    test::RunningApp app{test::loopback_config(folder.path)};
    std::string const path = "/v1/tenants/acme/teams";
};

}  // namespace

TEST_CASE("a team is made, shown, changed and removed, each with its row in the log") {
    TeamsStage stage;
    auto& app = stage.app;
    auto const made = app.admin("POST", stage.path, R"({"name":"Sales","strategy":"sequential","members":[{"phoneNumber":"09876543210","name":"Asha"},)"
                                                    R"({"sipUri":"sip:desk@pbx.example.com"},{"sipEndpoint":"desk-2"}]})");
    REQUIRE_MESSAGE(made.status == 201, made.body);
    auto const id = member(made, {"id"});
    CHECK(id.starts_with("team_"));
    CHECK(member(made, {"members", "0"}) == R"({"phoneNumber":"+919876543210","name":"Asha"})");
    CHECK(member(made, {"members", "2", "sipEndpoint"}) == "desk-2");
    CHECK(member(app.admin("GET", stage.path + "/" + id), {"strategy"}) == "sequential");
    CHECK(member(app.admin("GET", "/v1/audit"), {"data", "0", "subject"}) == id);
    auto const changed = app.admin("PATCH", stage.path + "/" + id, R"({"members":[{"sipEndpoint":"desk-1"}]})");
    CHECK(member(changed, {"members"}) == R"([{"sipEndpoint":"desk-1"}])");
    CHECK(member(changed, {"name"}) == "Sales");
    CHECK(member(app.admin("GET", stage.path), {"data", "0", "members"}) == R"([{"sipEndpoint":"desk-1"}])");
    CHECK(app.admin("GET", "/v1/tenants/other/teams/" + id).status == 404);
    CHECK(app.admin("PATCH", "/v1/tenants/other/teams/" + id, R"({"name":"x"})").status == 404);
    CHECK(app.admin("DELETE", "/v1/tenants/other/teams/" + id).status == 404);
    CHECK(app.admin("DELETE", stage.path + "/" + id).status == 204);
    CHECK(member(app.admin("GET", "/v1/audit"), {"data", "0", "operation"}) == "DELETE /v1/tenants/{tenant}/teams/{team_id}");
    CHECK(member(app.admin("GET", stage.path), {"data"}) == "[]");
}

TEST_CASE("mistakes name their field and change nothing") {
    TeamsStage stage;
    auto& app = stage.app;
    struct Row { char const* body; int status; char const* field; };
    for (auto const& [body, status, field] :
         {Row{R"({"members":[{"sipEndpoint":"a"}]})", 400, "name"}, Row{R"({"name":"x"})", 400, "members"},
          Row{R"({"name":"x","members":[]})", 400, "members"},
          Row{R"({"name":"x","members":[{}]})", 400, "members[0]"}, Row{R"({"name":"x","members":[{"sipEndpoint":"a","sipUri":"sip:a@pbx.example.com"}]})", 400, "members[0]"},
          Row{R"({"name":"x","members":[{"sipEndpoint":"a"},{"sipEndpoint":"a"}]})", 400, "members[1]"},
          Row{R"({"name":"x","members":[{"phoneNumber":"12"}]})", 400, "members[0].phoneNumber"},
          Row{R"({"name":"x","members":[{"phoneNumber":"+14155550100"}]})", 422, "members[0].phoneNumber"},
          Row{R"({"name":"x","members":[{"sipUri":"sip:a:secret@pbx.example.com"}]})", 400, "members[0].sipUri"},
          Row{R"({"name":"x","members":[{"sipUri":"http://pbx.example.com"}]})", 400, "members[0].sipUri"},
          Row{R"({"name":"x","members":[{"sipEndpoint":"a b"}]})", 400, "members[0].sipEndpoint"},
          Row{R"({"name":"x","strategy":"random","members":[{"sipEndpoint":"a"}]})", 400, "strategy"},
          Row{R"({"name":"x","member":[]})", 400, "member"}}) {
        CAPTURE(body);
        auto const answer = app.admin("POST", stage.path, body);
        CHECK(answer.status == status);
        CHECK(member(answer, {"details", "0", "field"}) == field);
    }
    CHECK(member(app.admin("GET", stage.path), {"data"}) == "[]");
    auto const sales = R"({"name":"Sales","members":[{"sipEndpoint":"a"}]})";
    CHECK(app.admin("POST", stage.path, sales).status == 201);
    CHECK(member(app.admin("POST", stage.path, sales), {"error"}) == "duplicate_key");
    CHECK(app.admin("POST", "/v1/tenants/other/teams", sales).status == 201);
}
