#include "base/json.hpp"

#include <ctime>

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("an object of many keys is read in a moment") {
    std::string text = "{";
    for (int key = 0; key < 20'000; ++key) text += (key ? ",\"" : "\"") + std::to_string(key) + "\":0";
    auto const began = std::clock();   // of the processor, whatever else the machine does
    CHECK(json::parse(text + "}").has_value());
    CHECK_FALSE(json::parse(text + ",\"7\":1}").has_value());
    CHECK(std::clock() - began < CLOCKS_PER_SEC);   // comparing each key with each other took many
}

TEST_CASE("strict JSON refuses what customers get wrong") {
    for (auto const* bad : {R"({"a":1,"a":2})", R"({"b":{"a":1,"a":1}})", R"({"a":NaN})", R"(["\ud800"])", R"({} x)", "", "{",
                            R"(["\u0000"])", R"({"\u0000":1})", "[\"\xff\"]", "// c\n1", "[1,]"}) {
        CAPTURE(bad);
        auto const parsed = json::parse(bad);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().token == "invalid_json");
    }
    CHECK(json::parse(std::string(32, '[') + std::string(32, ']')));
    CHECK_FALSE(json::parse(std::string(33, '[') + std::string(33, ']')));
    CHECK_FALSE(json::parse(std::string(100'000, '[')));
}

TEST_CASE("the same key in different objects is fine") { CHECK(json::parse(R"([{"a":1},{"a":{"a":2}}])")); }

TEST_CASE("numbers are written as people write them, and exactly") {
    CHECK(json::serialize(json::array{60.0, 0.65, 1.0 / 3, -0.5, 4.2e-7, 1e300, 20, -3}) == "[60,0.65,0.3333333333333333,-0.5,4.2e-07,1e+300,20,-3]");
    CHECK(json::serialize(json::array{1e5, 1e20, -1e20, 1e21, 1e-6, 0.000013, 9.9e-7, 0.0, 2.5e7}) ==
          "[100000,100000000000000000000,-100000000000000000000,1e+21,0.000001,0.000013,9.9e-07,0,25000000]");
    for (auto const number : {60.0, 0.1, 1e5, 1e20, 123456789012345678901.0, 999999999999999934463.0, -1.2345678901234567e-6, 1.0 / 3, 1.7976931348623157e308, -0.0625, 123456789012.125, 9e15})
        CHECK(std::stod(json::serialize(json::value(number))) == number);
}

TEST_CASE("every text comes back as it was") {
    std::string all;
    for (auto c = 1; c < 0x80; ++c) all += char(c);
    auto const text = json::serialize(json::object{{"a\"b", all + "\u0939\U0001f44b"}});
    CHECK(*json::text(json::parse(text)->as_object(), "a\"b") == all + "\u0939\U0001f44b");
    CHECK(json::serialize(json::value("\t\n\r\b\f\v\x1f/\\\"")) == R"("\t\n\r\b\f\u000b\u001f/\\\"")");
    CHECK(json::serialize(json::object{{"b", nullptr}, {"a", json::array{true, json::object{}}}}) == R"({"b":null,"a":[true,{}]})");
}

TEST_CASE("canonical form ignores order, space and the way a number was written") {
    CHECK(json::canonical(*json::parse(R"({ "b" : [1, 2.0], "a" : "x" })")) == json::canonical(*json::parse(R"({"a":"x","b":[1.0,2]})")));
    CHECK(json::canonical(*json::parse("[100000,1e5,100000.0,15e18]")) == "[100000,100000,100000,15000000000000000000]");
    CHECK(json::canonical(*json::parse(R"({"b":[],"a":{}})")) == R"({"a":{},"b":[]})");
}

TEST_CASE("an integer is one however it is written, and the nearest end when it is too large") {
    auto const integer = [](std::string const& text) { return json::integer(json::parse("{\"n\":" + text + "}")->as_object(), "n"); };
    CHECK(integer("20.0") == 20);
    CHECK(integer("2e3") == 2000);
    CHECK(integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
    for (auto const text : {"9223372036854775808", "3341331862673868980224", "1e300"}) CHECK(integer(text) == std::numeric_limits<std::int64_t>::max());
    CHECK(integer("-21125553716565581824") == std::numeric_limits<std::int64_t>::min());
    CHECK(integer("1.5") == std::nullopt);
    CHECK(integer("\"1\"") == std::nullopt);
}

TEST_CASE("long strings arrive whole") {
    std::string const long_text(70'000, 'x');
    CHECK(json::parse("\"" + long_text + "\"")->as_string().size() == long_text.size());
}

TEST_CASE("merged members come behind those that are there, or in their place") {
    json::object into{{"a", 1}, {"b", json::object{{"c", 2}}}};
    json::merge(into, {{"d", 4}, {"b", 3}});
    CHECK(json::serialize(into) == R"({"a":1,"b":3,"d":4})");
}

TEST_CASE("strings are picked from a text as strictly as it is read whole") {
    constexpr json::Place places[] = {{"", "event"}, {"media", "payload"}, {"mark", "name"}};
    auto const picked = [&](std::string_view text) -> std::string {
        auto const found = json::pick(text, places);
        if (!found) return found.error().token;
        std::string out;
        for (auto const& one : *found) out += one ? *one + '|' : "-|";
        return out;
    };
    CHECK(picked(R"( {"event":"m\u00e9dia","media":{"track":"x","payload":"AA=="},"mark":{"name":""}} )") == "m\u00e9dia|AA==||");
    CHECK(picked(R"({"media":{"payload":"later"},"x":{"event":"in","payload":"no"},"event":"x"})") == "x|later|-|");
    CHECK(picked(R"({"event":["a",{"event":"b"}],"media":[{"payload":"c"}],"mark":{"a":{"name":"d"},"b":["e"]}})") == "-|-|-|");
    CHECK(picked(R"({"event":1,"media":{"payload":null},"mark":"name"})") == "-|-|-|");
    CHECK(picked(R"({"":{"event":"a"},"payload":"b","name":"c"})") == "-|-|-|");
    CHECK(picked(R"({"x":1,"x":2,"media":{},"media":{"payload":"a"}})") == "-|a|-|");   // what nobody reads may be there twice
    auto const long_key = std::string(5'000, 'k'), long_text = std::string(70'000, 'x');
    CHECK(picked("{\"" + long_key + "\":1,\"event\":\"" + long_text + "\"}") == long_text + "|-|-|");
    for (auto const* bad : {R"({"event":"a","event":1})", R"({"media":{"payload":"a"},"media":{"payload":"b"}})", "[]", R"("event")", "1", "null", "", "{",
                            R"({} x)", R"({"x":NaN})", R"({"x":1e999})", R"({"x":"\ud800"})", R"({"x":"\u0000"})", R"({"\u0000":1})", "{\"x\":\"\xff\"}", "{,}"}) {
        CAPTURE(bad);
        CHECK(picked(bad) == "invalid_json");
    }
    CHECK(json::pick("{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}", places));
    CHECK_FALSE(json::pick("{\"a\":" + std::string(32, '[') + std::string(32, ']') + "}", places));
}

TEST_CASE("what is picked from a text costs nothing for all the rest of it") {
    std::string text = R"({"event":"mark")";
    for (auto key = 0; text.size() < 1'000'000; ++key) text += ",\"" + std::to_string(key) + "\":0";
    text += "}";
    auto const cost_of = [](auto const& reads) {   // of the processor, whatever else the machine does
        auto const began = std::clock();
        CHECK(reads());
        return std::clock() - began;
    };
    constexpr json::Place places[] = {{"", "event"}, {"media", "payload"}, {"mark", "name"}};
    auto const whole = cost_of([&] { return json::parse(text).has_value(); });
    auto const picked = cost_of([&] { return json::pick(text, places).has_value(); });
    CHECK(picked * 2 < whole);
}
