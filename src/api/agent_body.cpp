#include "api/agent_body.hpp"

#include <algorithm>

#include "api/body.hpp"
#include "api/target_body.hpp"
#include "base/utf8.hpp"
#include "call/target.hpp"
#include "speech/prompt.hpp"

namespace boni::api {
namespace {

constexpr std::size_t key_bytes_max = 64, name_bytes_max = 256, greeting_characters_max = 3000, instructions_bytes_max = 16 * 1024;

std::string text(Asked const& asked, std::string_view name) { return json::text_or_empty(asked.body, name); }

Result<> check_key(std::string_view key) {
    if (key.size() > key_bytes_max) return refused("key", "key has at most 64 characters", "limit_exceeded");
    auto const small = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!key.empty() && small(key.front()) && std::ranges::all_of(key, [&](char c) { return small(c) || c == '-'; })) return {};
    return refused("key", "key takes small letters, digits and hyphens, and begins with no hyphen", "invalid_value");
}

Result<> check_values(model::VoiceAgent const& agent) {
    CHECK_OK(check_key(agent.key));
    if (agent.name.size() > name_bytes_max) return refused("name", "name has at most 256 bytes", "limit_exceeded");
    if (agent.language.empty() || agent.language.starts_with("espeak:"))
        return refused("language", "language must be a language tag such as hi-IN", "invalid_value");
    CHECK_OK(speech::check_voice(agent.language, "language"));
    if (characters(agent.greeting) > greeting_characters_max)
        return refused("greeting", "greeting has at most 3000 characters", "limit_exceeded");
    if (agent.instructions.size() > instructions_bytes_max)
        return refused("instructions", "instructions have at most 16 KiB", "limit_exceeded");
    return {};
}

Result<model::Target> fallback_of(Asked const& asked) {
    return call::check_target(*json::find(asked.body, "fallback"), "fallback.", {asked.tenant, asked.services.policy});
}

}  // namespace

Result<> check_agent(Asked const& asked) {
    for (auto const name : {"key", "name", "language", "greeting", "instructions"}) CHECK_OK(check_text(asked.body, name, Presence::required));
    CHECK_OK(check_object(asked.body, "metadata", Presence::optional));
    if (!json::find(asked.body, "fallback")) return {};
    auto const fallback = fallback_of(asked);
    return fallback || fallback.error().code != Errc::malformed ? Result<>{} : std::unexpected(fallback.error());
}

Task<Result<model::VoiceAgent>> read_agent(Asked& asked) {
    model::VoiceAgent agent{.tenant = asked.tenant.id, .key = text(asked, "key"), .name = text(asked, "name"), .language = text(asked, "language"),
                            .greeting = text(asked, "greeting"), .instructions = text(asked, "instructions")};
    auto const fallback = json::find(asked.body, "fallback") ? fallback_of(asked) : Result<model::Target>{};
    if (!fallback && fallback.error().code == Errc::forbidden) co_return std::unexpected(fallback.error());
    CO_CHECK_OK(check_values(agent));
    if (!fallback) co_return std::unexpected(fallback.error());
    if (auto const* const metadata = json::object_at(asked.body, "metadata")) {
        CO_CHECK_OK(check_metadata(*metadata, "metadata"));
        CO_CHECK_OK(check_engine(*metadata));
        agent.metadata = *metadata;
    }
    if (!fallback->type.empty()) {
        CO_CHECK_OK(co_await settle_target(asked, *fallback, "fallback.", {.agents_max = model::agents_in_a_row_max - 1}));
        agent.fallback = *fallback;
    }
    agent.status = model::AgentStatus::active;   // everything it says resolves
    co_return agent;
}

}  // namespace boni::api
