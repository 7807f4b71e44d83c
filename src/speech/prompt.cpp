#include "speech/prompt.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/ascii.hpp"
#include "base/bell.hpp"
#include "base/chatter.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "base/shares.hpp"
#include "base/utf8.hpp"
#include "base/version.hpp"
#include "speech/clip_cache.hpp"
#include "speech/decode.hpp"
#include "speech/espeak.hpp"
#include "speech/voice.hpp"

namespace boni::speech {
namespace {

constexpr auto load_time_max = 20s;                 // fetch 10 s, and decoding 15 minutes of audio on a busy machine
constexpr auto fetch_time_max = 10s;                // media.md 7
constexpr std::size_t audio_bytes_max = 20 * 1024 * 1024;
constexpr std::size_t waiting_max = 1024;           // loads, and bodies; the callers of more hear at once that it cannot be
constexpr std::size_t tenant_part = 4;              // of loads and of bytes one tenant has this part
constexpr auto url_known_default = 60s;             // how long a URL stands for the bytes it gave
constexpr auto url_known_max = 600s;
constexpr std::size_t urls_known_max = 10'000;      // beyond it all are forgotten, and fetched again

/// How long the answer may be reused: max-age of Cache-Control within our bounds (RFC 9111 5.2.2); the directives are of any case.
std::chrono::seconds freshness(egress::HttpResponse const& response) {
    for (auto const& [name, text] : response.headers) {
        if (!same_word(name, "cache-control")) continue;
        auto const value = lower(text);
        if (value.find("no-store") != std::string::npos || value.find("no-cache") != std::string::npos) return 0s;
        auto const at = value.find("max-age=");
        auto age = 0L;
        if (at != std::string::npos && std::from_chars(value.data() + at + 8, value.data() + value.size(), age).ec == std::errc{})
            return std::clamp(std::chrono::seconds{age}, 0s, std::chrono::seconds{url_known_max});
    }
    return url_known_default;
}

std::string spoken_hash(std::string_view voice, std::string const& text) { return sha256_hex("espeak|" + std::string{voice} + '|' + text); }

/// A customer's file on its way through the pool, and its room among those of others.
struct File {
    std::string bytes;
    Shares::Place room;
};

/// The same clip, which gives its place back when its last holder is done with it.
media::Clip counted(media::Clip clip, Shares::Place place) {
    struct Held {
        media::Clip clip;
        Shares::Place place;
    };
    if (!clip) return clip;
    auto const held = std::make_shared<Held>(Held{std::move(clip), std::move(place)});
    return {held, held->clip.get()};
}

}  // namespace

struct Prompts::Inner : std::enable_shared_from_this<Inner> {
    /// One load that several calls may wait for.
    struct Load {
        explicit Load(asio::any_io_executor where) : done{where} {}
        Bell done;   // rings when `result` is there
        std::optional<Result<media::Clip>> result;
    };
    struct KnownUrl {
        std::string hash;
        Steady until;
    };

    Inner(PromptConfig c, Pool& p, egress::HttpClient& h, Clock& k)
        : config{std::move(c)}, pool{p}, http{h}, clock{k}, cache{config.cache_bytes_max}, files{config.cache_folder, config.cache_file_bytes_max} {}

    /// Made with the first load, which tells the executor.
    void open(asio::any_io_executor const& where) {
        if (turns) return;
        auto const all = std::max(config.loading_bytes_max, audio_bytes_max);
        auto const loads = std::max<std::size_t>(1, config.at_once_max / tenant_part);
        turns.emplace(where, ShareLimits{config.at_once_max, loads, config.patience, waiting_max});
        bytes.emplace(where, ShareLimits{all, std::max(all / tenant_part, audio_bytes_max), config.patience, waiting_max});
        // What only the cache holds never stands in the way of a call.
        auto const playing = std::max(config.playing_bytes_max, clip_bytes_max), idle = config.cache_bytes_max;
        clips.emplace(where, ShareLimits{playing + idle, std::max(playing / tenant_part, clip_bytes_max) + idle, config.patience, waiting_max});
    }

    PromptConfig config;
    Pool& pool;
    egress::HttpClient& http;
    Clock& clock;
    ClipCache cache;
    ClipFiles files;
    std::unordered_map<std::string, std::shared_ptr<Load>> loading;   // by tenant and what is wanted: nobody waits in another's share
    std::unordered_map<std::string, KnownUrl> known_urls;             // by tenant and URL: tenants share no answers
    std::optional<Shares> turns;                                      // loads
    std::optional<Shares> bytes;                                      // customers' files, from their first byte until they are decoded
    std::optional<Shares> clips;                                      // what they became, until nobody holds it any more

    Task<Result<media::Clip>> spoken(TenantId tenant, Prompt prompt, Synthesised synthesised);
    Task<Result<media::Clip>> fetched(TenantId tenant, std::string url);
    Task<Result<media::Clip>> decoded(TenantId tenant, std::string hash, std::string audio, Shares::Place room);
    Task<Result<>> make_room(TenantId tenant, std::optional<std::uint64_t> declared, Shares::Place& room);
    media::Clip held(TenantId const& tenant, Prompt const& prompt);
    Task<Result<media::Clip>> made(TenantId tenant, Prompt prompt, Synthesised synthesised);
    Task<Result<media::Clip>> kept(TenantId tenant, std::string hash);
    Task<> start(std::string key, std::shared_ptr<Load> load, TenantId tenant, Prompt prompt, Synthesised synthesised);
};

Prompts::Prompts(PromptConfig config, Pool& pool, egress::HttpClient& http, Clock& clock)
    : inner_{std::make_shared<Inner>(std::move(config), pool, http, clock)} {
    // libmpg123 has a word for every frame of a damaged file, and libsndfile no way to silence it.
    divert_chatter({"Note: ", "Warning: ", "Error: ", "[src/libmpg123"},
                   [](std::string_view line) { log_debug("speech", "the MP3 decoder says", {{"line", std::string{line}}}); });
}
Prompts::~Prompts() = default;

Task<Result<media::Clip>> Prompts::load(TenantId tenant, Prompt prompt, Synthesised synthesised) {
    auto const inner = inner_;
    auto const& wanted = prompt.audio_url.empty() ? prompt.text : prompt.audio_url;
    auto key = tenant.str() + (prompt.audio_url.empty() ? "|text|" + prompt.voice + '|' : "|url|") + wanted;
    auto const executor = co_await asio::this_coro::executor;
    auto& load = inner->loading[key];
    if (!load) {
        inner->open(executor);
        load = std::make_shared<Inner::Load>(executor);
        spawn(executor, "speech", inner->start(key, load, std::move(tenant), std::move(prompt), std::move(synthesised)));
    }
    auto const waiting = load;   // the map may change while we wait
    if (!waiting->result) co_await waiting->done.rung();
    if (!waiting->result) co_return fail(Errc::timeout, "the call did not wait for its prompt", {}, "cancelled");
    co_return *waiting->result;
}

/// Runs on its own, so that a caller who hangs up does not take the prompt away from the others. Whatever happens, the load ends:
/// one that stayed in the map would keep every later caller of its prompt waiting.
Task<> Prompts::Inner::start(std::string key, std::shared_ptr<Load> load, TenantId tenant, Prompt prompt, Synthesised synthesised) {
    auto const self = shared_from_this();
    Result<media::Clip> result = media::Clip{};
    try {
        result = co_await within(load_time_max, made(std::move(tenant), std::move(prompt), std::move(synthesised)));
    } catch (std::exception const& e) {
        result = fail(Errc::internal, std::string{"the prompt cannot be made: "} + e.what());
    }
    loading.erase(key);
    load->result = std::move(result);
    load->done.ring();
}

/// What is in memory needs no turn: a tenant whose server hangs still plays what it played a minute ago.
media::Clip Prompts::Inner::held(TenantId const& tenant, Prompt const& prompt) {
    if (prompt.audio_url.empty()) {
        auto const voice = espeak_voice(prompt.voice);
        return voice ? cache.find(spoken_hash(*voice, prompt.text)) : media::Clip{};
    }
    auto const known = known_urls.find(tenant.str() + '|' + prompt.audio_url);
    return known != known_urls.end() && known->second.until > clock.steady() ? cache.find(known->second.hash) : media::Clip{};
}

Task<Result<media::Clip>> Prompts::Inner::made(TenantId tenant, Prompt prompt, Synthesised synthesised) {
    if (auto clip = held(tenant, prompt)) co_return clip;
    CO_TRY(auto const turn, co_await turns->take(tenant, 1));
    if (prompt.audio_url.empty()) co_return co_await spoken(std::move(tenant), std::move(prompt), std::move(synthesised));
    co_return co_await fetched(std::move(tenant), std::move(prompt.audio_url));
}

Task<Result<media::Clip>> Prompts::Inner::spoken(TenantId tenant, Prompt prompt, Synthesised synthesised) {
    CO_TRY(auto const voice, espeak_voice(prompt.voice));
    auto const hash = spoken_hash(voice, prompt.text);
    CO_TRY(auto clip, co_await kept(tenant, hash));
    if (clip) co_return clip;
    auto const synthesise = [command = config.espeak, voice, text = prompt.text] { return espeak(command, voice, text); };
    CO_TRY(auto wav, co_await pool.run(synthesise));
    if (synthesised) synthesised(std::int64_t(characters(prompt.text)));
    co_return co_await decoded(std::move(tenant), hash, std::move(wav), {});
}

Task<Result<media::Clip>> Prompts::Inner::fetched(TenantId tenant, std::string url) {
    auto const key = tenant.str() + '|' + url;
    if (auto const known = known_urls.find(key); known != known_urls.end() && known->second.until > clock.steady()) {
        CO_TRY(auto clip, co_await kept(tenant, known->second.hash));
        if (clip) co_return clip;
    }

    egress::HttpRequest request;
    request.tenant = tenant.str();
    request.method = "GET";
    request.url = url;
    request.use = egress::Use::https;
    request.headers = {{"User-Agent", user_agent()}, {"Accept", "audio/*"}};
    request.total_timeout = fetch_time_max;
    request.first_byte_timeout = fetch_time_max;
    request.body_max = audio_bytes_max;
    Shares::Place room;   // of what the head announced; a server that announces nothing has room for the longest
    request.before_body = [this, tenant, &room](std::optional<std::uint64_t> declared) { return make_room(tenant, declared, room); };
    CO_TRY(auto response, co_await http.send(std::move(request)));
    if (response.status >= 300 && response.status < 400)
        co_return fail(Errc::unavailable, "audioUrl: redirects are not followed", {}, "redirect_blocked");
    if (response.status != 200)
        co_return fail(Errc::unavailable, "audioUrl answered " + std::to_string(response.status), {}, "http_" + std::to_string(response.status));

    room.shrink(response.body.size());
    response.body.shrink_to_fit();
    auto hash = sha256_hex(response.body);
    if (auto const time = freshness(response); time > 0s) {
        if (known_urls.size() >= urls_known_max) known_urls.clear();
        known_urls[key] = {hash, clock.steady() + time};
    }
    CO_TRY(auto clip, co_await kept(tenant, hash));
    if (clip) co_return clip;
    co_return co_await decoded(std::move(tenant), std::move(hash), std::move(response.body), std::move(room));
}

Task<Result<>> Prompts::Inner::make_room(TenantId tenant, std::optional<std::uint64_t> declared, Shares::Place& room) {
    CO_TRY(room, co_await bytes->take(std::move(tenant), declared ? std::size_t(*declared) : audio_bytes_max));
    co_return Result<>{};
}

/// Null when it is neither in memory nor in a file.
Task<Result<media::Clip>> Prompts::Inner::kept(TenantId tenant, std::string hash) {
    if (auto clip = cache.find(hash)) co_return clip;
    if (config.cache_folder.empty()) co_return media::Clip{};
    auto const look = [this, hash] { return files.clip_bytes(hash); };
    auto const size = co_await pool.run(look);
    if (size == 0) co_return media::Clip{};
    CO_TRY(auto place, co_await clips->take(std::move(tenant), size));
    auto read = [self = shared_from_this(), this, hash, place = std::move(place)]() mutable { return counted(files.read(hash), std::move(place)); };
    auto clip = co_await pool.run(std::move(read));
    if (clip) cache.put(hash, clip);
    co_return clip;
}

Task<Result<media::Clip>> Prompts::Inner::decoded(TenantId tenant, std::string hash, std::string audio, Shares::Place room) {
    // The pool cannot be cancelled: what nobody waits for any more ends by itself, in the queue or half done.
    auto const until = std::chrono::steady_clock::now() + load_time_max;
    auto const file = std::make_shared<File>(File{std::move(audio), std::move(room)});
    auto const first = [file, until] { return measure(file->bytes, until); };
    CO_TRY(auto const measured, co_await pool.run(first));
    CO_TRY(auto place, co_await clips->take(std::move(tenant), measured.clip_bytes()));
    auto second = [self = shared_from_this(), this, hash, file, measured, until, place = std::move(place)]() mutable -> Result<media::Clip> {
        TRY(auto clip, decode(file->bytes, measured, until));
        if (!config.cache_folder.empty()) files.write(hash, *clip);
        return counted(std::move(clip), std::move(place));
    };
    CO_TRY(auto clip, co_await pool.run(std::move(second)));
    cache.put(hash, clip);
    co_return clip;
}

}  // namespace boni::speech
