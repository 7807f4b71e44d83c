#include "targets/control_webhook/gather.hpp"

#include <cmath>

namespace boni::targets::control_webhook {
namespace {

constexpr std::string_view finish_keys = "0123456789*#";
constexpr int digits_max = 32;   // also of a gather that names no number

auto invalid_gather(std::string what, std::string field) { return fail(Errc::invalid, "gather: " + std::move(what), std::move(field), "invalid_value"); }

Result<std::chrono::milliseconds> parse_timeout(json::value const& value) {
    boost::system::error_code wrong;
    auto const seconds = value.is_number() ? value.to_number<double>(wrong) : 0.0;
    if (wrong || !(seconds >= 1 && seconds <= 60)) return invalid_gather("timeoutSeconds must be 1 to 60", "timeoutSeconds");
    return std::chrono::milliseconds{std::llround(seconds * 1000)};
}

/// A prompt is a `play` that must have exactly one source and is not repeated.
Result<json::object> parse_prompt(json::value const& value, call::CheckContext const& context) {
    auto const* const prompt = value.if_object();
    if (!prompt) return invalid_gather("prompt must be an object", "prompt");
    if ((json::find(*prompt, "text") != nullptr) == (json::find(*prompt, "audioUrl") != nullptr))
        return invalid_gather("prompt needs exactly one of text and audioUrl", "prompt");
    json::object play;
    for (std::string_view const name : {"text", "audioUrl", "voice"})
        if (auto const* const field = json::find(*prompt, name)) play[name] = *field;
    if (auto const checked = call::find_action("play")->check(play, context); !checked) {
        auto error = checked.error();
        error.field = "prompt." + error.field;
        return std::unexpected(std::move(error));
    }
    return play;
}

}  // namespace

Result<GatherRequest> parse_gather(json::object const& fields, call::CheckContext const& context) {
    GatherRequest out;
    if (json::find(fields, "numDigits")) {
        auto const digits = json::integer(fields, "numDigits");
        if (!digits || *digits < 1 || *digits > digits_max) return invalid_gather("numDigits must be 1 to 32", "numDigits");
        out.digits = int(*digits);
    }
    if (auto const* const timeout = json::find(fields, "timeoutSeconds")) { TRY(out.timeout, parse_timeout(*timeout)); }
    if (json::find(fields, "finishOnKey")) {
        auto const key = json::text(fields, "finishOnKey");
        if (!key || key->size() > 1 || finish_keys.find(*key) == std::string_view::npos)
            return invalid_gather("finishOnKey must be one of 0-9 * # or empty", "finishOnKey");
        out.finish = key->empty() ? char{} : key->front();
    }
    if (auto const* const prompt = json::find(fields, "prompt")) { TRY(out.prompt, parse_prompt(*prompt, context)); }
    return out;
}

Gather::Gather(GatherRequest const& request, bool prompted, Steady now) : request_{request} {
    if (!prompted) deadline_ = now + request.timeout;
}

std::optional<GatherEnd> Gather::press(char key, Steady now) {
    if (request_.finish != 0 && key == request_.finish) return GatherEnd{digits_, "finish_key"};
    digits_ += key;
    deadline_ = now + request_.timeout;   // a digit also ends the prompt
    if (int(digits_.size()) >= request_.digits.value_or(digits_max)) return GatherEnd{digits_, "num_digits"};
    return std::nullopt;
}

void Gather::prompt_ended(Steady now) {
    if (!deadline_) deadline_ = now + request_.timeout;
}

std::optional<GatherEnd> Gather::tick(Steady now) const {
    if (!deadline_ || now < *deadline_) return std::nullopt;
    return GatherEnd{digits_, "timeout"};
}

}  // namespace boni::targets::control_webhook
