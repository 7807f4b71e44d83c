#include "targets/control_webhook/decision.hpp"

#include "egress/http_client.hpp"

namespace boni::targets::control_webhook {
namespace {

using call::Answering;

constexpr std::int64_t timeout_ms_min = 250;
constexpr std::int64_t timeout_ms_max = 10'000;

auto invalid(std::string what, std::string field) { return fail(Errc::invalid, std::move(what), std::move(field), "invalid_value"); }

/// The error as the decision's reader needs it: where, seen from the body; a feature is nowhere in it.
Error placed(Error error, std::string const& at) {
    if (error.code != Errc::forbidden) error.field = at + error.field;
    return error;
}

Result<Step> parse_step(json::value const& entry, std::string const& at, call::CheckContext const& context) {
    auto const* const fields = entry.if_object();
    if (!fields) return invalid("an action is an object", at);
    auto const name = json::text(*fields, "action");
    if (!name) return invalid("action is required", at + ".action");
    Step step{.name = std::string{*name}, .request = *fields, .gather = {}};
    step.request.erase("action");
    if (*name == "gather") {
        auto gather = parse_gather(*fields, context);
        if (!gather) return std::unexpected(placed(gather.error(), at + "."));
        step.gather = std::move(*gather);
        return step;
    }
    auto const* const known = call::find_action(*name);
    if (!known) return invalid("unknown action " + step.name, at + ".action");
    if (auto const checked = known->check(step.request, context); !checked) return std::unexpected(placed(checked.error(), at + "."));
    return step;
}

Result<std::vector<Step>> parse_actions(json::array const& entries, call::CheckContext const& context) {
    if (entries.size() > actions_max) return invalid("at most 32 actions", "actions");
    std::vector<Step> steps;
    for (auto const& entry : entries) {
        auto const at = "actions[" + std::to_string(steps.size()) + "]";
        TRY(auto step, parse_step(entry, at, context));
        auto const last = steps.size() + 1 == entries.size();
        if (!last && (step.name == "hangup" || step.name == "gather"))
            return invalid(step.name + " must be the last action", at + ".action");
        steps.push_back(std::move(step));
    }
    return steps;
}

Result<model::Target> parse_target(json::value const& target, std::string const& at, Answering answer, call::CheckContext const& context) {
    TRY(auto checked, call::check_target(target, at, context));
    if (answer == Answering::never && call::find_target(checked.type)->needs_answer)
        return invalid("target " + checked.type + " needs an answered call", at + "type");
    return checked;
}

Result<Answering> parse_answer(json::value const& answer) {
    auto const* const word = answer.if_string();
    if (word && *word == "auto") return Answering::automatic;
    if (word && *word == "early") return Answering::early;
    if (word && *word == "never") return Answering::never;
    return invalid("answer must be auto, early or never", "answer");
}

Result<std::vector<model::Target>> parse_fallback(json::value const& list, Answering answer, call::CheckContext const& context) {
    auto const* const entries = list.if_array();
    if (!entries || entries->size() > fallback_max) return invalid("fallback is an array of at most 8 targets", "fallback");
    std::vector<model::Target> targets;
    for (auto const& entry : *entries) {
        TRY(auto target, parse_target(entry, "fallback[" + std::to_string(targets.size()) + "].", answer, context));
        targets.push_back(std::move(target));
    }
    return targets;
}

Result<json::object> parse_metadata(json::value const& metadata, json::object const& current) {
    auto const* const given = metadata.if_object();
    if (!given) return invalid("metadata must be an object", "metadata");
    auto merged = current;
    json::merge(merged, *given);
    if (json::serialize(merged).size() > metadata_bytes_max) return invalid("metadata has at most 4 KiB in all", "metadata");
    return *given;
}

Result<> check_terminals(json::object const& body, Decision const& decision) {
    constexpr std::string_view meaningful[] = {"actions", "target", "answer", "next", "metadata"};
    if (std::ranges::none_of(meaningful, [&](auto name) { return json::find(body, name); }))
        return invalid("a decision needs actions, target, answer, next or metadata", "");
    auto const last = decision.actions.empty() ? std::string{} : decision.actions.back().name;
    if (decision.target && (last == "hangup" || last == "gather"))
        return invalid("target cannot follow a " + last + " action", "target");
    if (json::find(body, "actions") && decision.actions.empty() && !decision.target && !json::find(body, "answer"))
        return invalid("an empty actions list needs a target or answer", "actions");
    return {};
}

}  // namespace

Result<Decision> parse_decision(json::value const& body, call::CheckContext const& context, json::object const& current) {
    auto const* const fields = body.if_object();
    if (!fields) return invalid("a decision is an object", "");
    Decision out;
    if (json::find(*fields, "type")) {   // the shorthand: a RouteTarget
        TRY(out.target, call::check_target(body, "", context));
        return out;
    }
    if (auto const* const answer = json::find(*fields, "answer")) { TRY(out.answer, parse_answer(*answer)); }
    if (auto const* const actions = json::find(*fields, "actions")) {
        auto const* const entries = actions->if_array();
        if (!entries) return invalid("actions must be an array", "actions");
        TRY(out.actions, parse_actions(*entries, context));
    }
    if (auto const* const target = json::find(*fields, "target")) { TRY(out.target, parse_target(*target, "target.", out.answer, context)); }
    if (auto const* const list = json::find(*fields, "fallback")) { TRY(out.fallback, parse_fallback(*list, out.answer, context)); }
    if (auto const* const next = json::find(*fields, "next")) {
        auto const* const place = next->if_object();
        if (!place) return invalid("next must be an object", "next");
        TRY(out.next, parse_place(*place, "next.", context));
    }
    if (auto const* const metadata = json::find(*fields, "metadata")) { TRY(out.metadata, parse_metadata(*metadata, current)); }
    CHECK_OK(check_terminals(*fields, out));
    return out;
}

Result<Place> parse_place(json::object const& fields, std::string_view at, call::CheckContext const& context) {
    auto const prefix = std::string{at};
    if (json::find(fields, "url") && !json::text(fields, "url"))
        return fail(Errc::malformed, "url must be a string", prefix + "url", "validation_failed");
    auto const url = json::text(fields, "url");
    if (!url) return fail(Errc::invalid, "control_webhook needs a url", prefix + "url", "invalid_target");
    auto const timeout = json::integer(fields, "timeoutMs");
    if (json::find(fields, "timeoutMs") && !timeout)
        return fail(Errc::malformed, "timeoutMs must be an integer", prefix + "timeoutMs", "validation_failed");
    if (timeout && (*timeout < timeout_ms_min || *timeout > timeout_ms_max))
        return fail(Errc::invalid, "timeoutMs must be 250 to 10000", prefix + "timeoutMs", "limit_exceeded");
    CHECK_OK(egress::check_url(*url, context.policy, egress::Use::http, prefix + "url"));
    return Place{std::string{*url}, std::chrono::milliseconds{timeout.value_or(3000)}};
}

}  // namespace boni::targets::control_webhook
