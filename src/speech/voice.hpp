// Which espeak-ng voice speaks a language or voice name. Thread: any; constant tables.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace boni::speech {

/// `wanted`: a BCP 47 tag ("hi-IN", "hi", "en-GB") or a voice name of ours ("espeak:hi"); empty: English as spoken in India.
/// Returns what `espeak-ng -v` takes. Errc::invalid token "invalid_value" for a language nobody here speaks.
Result<std::string_view> espeak_voice(std::string_view wanted);

}  // namespace boni::speech
