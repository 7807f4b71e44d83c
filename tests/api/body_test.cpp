#include <doctest/doctest.h>

#include "api/body.hpp"

using namespace boni;
using api::Presence;

namespace {

json::object parsed(std::string_view text) { return json::parse(text)->as_object(); }

}  // namespace

TEST_CASE("an optional field may be absent, but not null and not of another type") {
    CHECK(api::check_text({}, "name", Presence::optional));
    CHECK(api::check_text(parsed(R"({"name":""})"), "name", Presence::required));
    for (auto const* const text : {R"({"name":null})", R"({"name":1})", R"({"name":[]})"}) {
        auto const checked = api::check_text(parsed(text), "name", Presence::optional, "events.");
        REQUIRE_FALSE(checked);
        CHECK(checked.error().code == Errc::malformed);
        CHECK(checked.error().field == "events.name");
    }
    CHECK_FALSE(api::check_text({}, "name", Presence::required));
    CHECK_FALSE(api::check_boolean(parsed(R"({"on":"true"})"), "on"));
    CHECK_FALSE(api::check_object(parsed(R"({"meta":[]})"), "meta", Presence::optional));
}

TEST_CASE("metadata has 4096 bytes, 50 keys and 5 levels, counted through all of it") {
    auto const keys = [](int count) {
        json::object out;
        for (int key = 0; key < count; ++key) out[std::to_string(key)] = key;
        return out;
    };
    CHECK(api::check_metadata({}, "metadata"));
    CHECK(api::check_metadata(keys(50), "metadata"));
    CHECK_FALSE(api::check_metadata(keys(51), "metadata"));
    CHECK_FALSE(api::check_metadata({{"a", keys(25)}, {"b", json::array{keys(24)}}}, "metadata"));
    CHECK(api::check_metadata(parsed(R"({"1":{"2":{"3":{"4":{}}}}})"), "metadata"));
    CHECK_FALSE(api::check_metadata(parsed(R"({"1":{"2":{"3":{"4":[[]]}}}})"), "metadata"));
    CHECK(api::check_metadata({{"a", std::string(4088, 'x')}}, "metadata"));
    auto const refused = api::check_metadata({{"a", std::string(4089, 'x')}}, "metadata");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().token == "limit_exceeded");
    CHECK(refused.error().field == "metadata");
}
