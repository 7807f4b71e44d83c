// What an agent's metadata may say about its engine, and what it may not hold.
#include <algorithm>

#include "api/agent_body.hpp"
#include "api/body.hpp"

namespace boni::api {
namespace {

enum class Shape { text, number, flag, list, object };

struct Member {
    std::string_view path;                           ///< below "metadata.engine."
    Shape shape;
};
constexpr Member members[] = {
    {"mode", Shape::text},           {"llm", Shape::object},           {"llm.provider", Shape::text},      {"llm.model", Shape::text},
    {"llm.temperature", Shape::number}, {"stt", Shape::object},        {"tts", Shape::object},             {"tts.voice", Shape::text},
    {"tts.rate", Shape::number},     {"turn", Shape::object},          {"turn.minMs", Shape::number},      {"turn.maxMs", Shape::number},
    {"turn.bargeIn", Shape::flag},   {"turn.greetingBargeIn", Shape::flag}, {"tools", Shape::list},        {"transferTargets", Shape::list},
    {"flow", Shape::object},         {"flow.options", Shape::list},    {"message", Shape::object},         {"message.maxSeconds", Shape::number},
    {"disclosure", Shape::flag},     {"limits", Shape::object},        {"analysis", Shape::object},
};
constexpr std::string_view open_objects[] = {"stt", "limits", "analysis"};   // what is inside is the engine's to read
constexpr std::string_view modes[] = {"auto", "realtime", "cascade", "flow"};
constexpr std::string_view key_beginnings[] = {"sk-", "vp_live_", "vp_test_", "vp_oper_", "whsec_", "AKIA", "AIza", "ghp_", "xoxb-", "Bearer ",
                                               "-----BEGIN"};

bool fits(json::value const& value, Shape shape) {
    switch (shape) {
        case Shape::text: return value.is_string();
        case Shape::number: return value.is_number();
        case Shape::flag: return value.is_bool();
        case Shape::list: return value.is_array();
        case Shape::object: return value.is_object();
    }
    return false;
}

Result<> check_members(json::object const& in, std::string const& path) {
    for (auto const& one : in) {
        auto const here = path + std::string{one.key()};
        auto const field = "metadata.engine." + here;
        auto const* const known = std::ranges::find(members, here, &Member::path);
        if (known == std::end(members)) return refused(field, field + " is nothing an engine knows", "invalid_value");
        if (!fits(one.value(), known->shape)) return refused(field, field + " has the wrong type", "invalid_value");
        auto const open = std::ranges::find(open_objects, here) != std::end(open_objects);
        if (known->shape == Shape::object && !open) CHECK_OK(check_members(one.value().as_object(), here + '.'));
    }
    return {};
}

bool holds_key(json::value const& value) {
    if (auto const* const text = value.if_string())
        return std::ranges::any_of(key_beginnings, [&](std::string_view beginning) { return std::string_view{*text}.starts_with(beginning); });
    if (auto const* const object = value.if_object())
        return std::ranges::any_of(*object, [](auto const& member) { return holds_key(member.value()); });
    auto const* const array = value.if_array();
    return array && std::ranges::any_of(*array, holds_key);
}

}  // namespace

Result<> check_engine(json::object const& metadata) {
    if (holds_key(metadata)) return refused("metadata", "metadata is no place for keys and secrets", "invalid_value");
    auto const* const engine = json::find(metadata, "engine");
    if (!engine) return {};
    if (!engine->is_object()) return refused("metadata.engine", "metadata.engine must be an object", "invalid_value");
    CHECK_OK(check_members(engine->as_object(), ""));
    auto const mode = json::text(engine->as_object(), "mode");
    if (!mode || std::ranges::find(modes, *mode) != std::end(modes)) return {};
    return refused("metadata.engine.mode", "mode must be auto, realtime, cascade or flow", "invalid_value");
}

}  // namespace boni::api
