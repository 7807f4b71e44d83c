// The hang-up of bots written for Twilio; a call that hears of it is in tests/e2e/stream.test.ts.
#include "api/twilio_hangup.hpp"

#include "base/crypto.hpp"
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

http::Response hang_up(ApiStage& stage, std::string const& password, std::string const& type = "application/x-www-form-urlencoded") {
    http::Request request{.method = "POST", .path = "/2010-04-01/Accounts/" + stage.tenant.id.str() + "/Calls/call_1.json",
                          .body = "Status=completed", .remote = stage.from, .id = RequestId::fresh(stage.clock.now()).str()};
    request.headers.set("Authorization", "Basic " + base64(stage.tenant.id.str() + ":" + password));
    request.headers.set("Content-Type", type);
    return stage.run(api::twilio_hangup(*stage.api, request));
}

}  // namespace

TEST_CASE("a form is a form in whatever case, with parameters or without, and nothing else is") {
    ApiStage stage;
    for (auto const* const type : {"application/x-www-form-urlencoded", "Application/X-WWW-Form-URLEncoded",
                                   "application/x-www-form-urlencoded ; charset=utf-8"})
        CHECK(hang_up(stage, stage.key, type).status == 404);   // there is no such call
    for (auto const* const type : {"application/x-www-form-urlencoded-not", "application/json", ""}) CHECK(hang_up(stage, stage.key, type).status == 400);
}

TEST_CASE("who has tried too many passwords is told when to come back") {
    ApiStage stage;
    http::Response answer;
    for (auto tries = 0; tries < 1000 && answer.status != 429; ++tries) answer = hang_up(stage, "vp_test_wrong");
    CHECK(answer.status == 429);
    CHECK(answer.headers.get("Retry-After") == "1");
    CHECK(json::parse(answer.body)->at("code") == 20429);
}
