// What a `play` says: customer audio or spoken text, as PCM that many calls share. Cached by content.
//
// Thread: control; decoding and synthesis run in the blocking pool, espeak-ng as a child process (media.md, Player).
// Owner: App.
#pragma once

#include <memory>
#include <string>

#include "base/id.hpp"
#include "base/pool.hpp"
#include "base/task.hpp"
#include "egress/http_client.hpp"
#include "media/clip.hpp"

namespace boni::speech {

struct PromptConfig {
    std::string espeak = "espeak-ng";               ///< command looked up in PATH
    std::size_t cache_bytes_max = 64 * 1024 * 1024; ///< decoded audio kept; least recently used goes first
    std::size_t synthesis_at_once_max = 4;          ///< child processes
};

/// `audio_url` wins over `text` (api-semantics 4). `language` and `voice`: BCP 47 tag or a known voice name; empty: en-IN.
struct Prompt {
    std::string audio_url;
    std::string text;
    std::string language;
    std::string voice;
};

/// Is it a BCP 47 tag we have a voice for, or a voice name? Errc::invalid token "invalid_value".
Result<> check_voice(std::string_view language_or_voice, std::string_view field);

class Prompts {
  public:
    Prompts(PromptConfig config, Pool& pool, egress::HttpClient& http, Clock& clock);
    ~Prompts();

    /// Errors carry the token a timeline shows: egress_blocked, http_<status>, too_large, unsupported_audio, timeout, tts_failed ...
    /// Two calls that want the same prompt at once share one fetch or synthesis.
    Task<Result<media::Clip>> load(TenantId tenant, Prompt prompt);

  private:
    struct Inner;
    std::shared_ptr<Inner> inner_;   // shared with loads in progress, which may outlive the call that asked
};

}  // namespace boni::speech
