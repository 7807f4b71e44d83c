// What a `play` says: customer audio or spoken text, as PCM that many calls share. Cached by content.
//
// Thread: control; decoding and synthesis run in the blocking pool, espeak-ng as a child process (media.md, Player).
// Owner: App.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/pool.hpp"
#include "base/task.hpp"
#include "egress/http_client.hpp"
#include "media/clip.hpp"

namespace boni::speech {

struct PromptConfig {
    std::string espeak = "espeak-ng";               ///< command looked up in PATH
    std::filesystem::path cache_folder;             ///< decoded audio as files; empty: memory only
    std::size_t cache_file_bytes_max = 256 * 1024 * 1024;
    std::size_t cache_bytes_max = 32 * 1024 * 1024; ///< decoded audio in memory; least recently used goes first
    std::size_t at_once_max = 256;                  ///< loads in progress; a tenant has a quarter of them, what comes then waits
    std::size_t loading_bytes_max = 256 * 1024 * 1024;   ///< fetched and not yet decoded, at least 20 MiB; a tenant has a quarter, or 20 MiB
    std::size_t playing_bytes_max = 1024 * 1024 * 1024;  ///< decoded audio that calls hold, beyond that in memory; a tenant has a quarter, or 41 MiB
    std::chrono::milliseconds patience{5'000};      ///< what waits for a turn, or for room for its bytes, waits so long: half of what a fetch has
};

/// `audio_url` wins over `text` (api-semantics 4). `voice`: BCP 47 tag or a known voice name; empty: en-IN.
struct Prompt {
    std::string audio_url;
    std::string text;
    std::string voice;
};
/// Of a `play`, or of a gather's prompt; both were checked.
inline Prompt prompt_of(json::object const& play) {
    return {json::text_or_empty(play, "audioUrl"), json::text_or_empty(play, "text"), json::text_or_empty(play, "voice")};
}

/// Is it a BCP 47 tag we have a voice for, or a voice name? Errc::invalid token "invalid_value".
Result<> check_voice(std::string_view language_or_voice, std::string_view field);

class Prompts {
  public:
    Prompts(PromptConfig config, Pool& pool, egress::HttpClient& http, Clock& clock);
    ~Prompts();

    /// Errors carry the token a timeline shows: egress_blocked, http_<status>, too_large, unsupported_audio, timeout, tts_failed,
    /// overloaded (no turn or no room for the bytes in time) ...
    /// Calls of a tenant that want the same prompt at once share one fetch, synthesis and decode; at most 20 s.
    /// `synthesised` hears, on the control thread, how many characters were; one that shares a load, or finds it in the cache, hears nothing.
    using Synthesised = std::function<void(std::int64_t characters)>;
    Task<Result<media::Clip>> load(TenantId tenant, Prompt prompt, Synthesised synthesised = {});

  private:
    struct Inner;
    std::shared_ptr<Inner> inner_;   // shared with loads in progress, which may outlive the call that asked
};

}  // namespace boni::speech
