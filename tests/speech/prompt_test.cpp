#include "speech/prompt.hpp"

#include <doctest/doctest.h>

#include "support/descriptor.hpp"
#include "support/egress_stage.hpp"

using namespace boni;

namespace {

constexpr std::size_t mib = 1024 * 1024;
constexpr auto brief = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";   // no audio: fetched and decoded, which says so

/// A server that announces a file as large as they may be, sends its beginning and then nothing.
test::RawServer::Reply stuck() {
    return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(20 * mib) + "\r\n\r\n" + std::string(1000, 'x'), .pause_in_middle = 600s};
}

/// A tenth of a second of silence, or more, 8 kHz, mono, 16 bits.
std::string wav(std::size_t samples_count = 800) {
    auto const size = std::uint32_t(2 * samples_count);
    auto const number = [](std::uint32_t value, int bytes) {
        std::string out;
        for (int i = 0; i < bytes; ++i) out += char(value >> 8 * i & 0xff);
        return out;
    };
    std::string const samples(size, '\0');
    auto const format = number(1, 2) + number(1, 2) + number(8000, 4) + number(16'000, 4) + number(2, 2) + number(16, 2);
    return "RIFF" + number(36 + size, 4) + "WAVEfmt " + number(16, 4) + format + "data" + number(size, 4) + samples;
}

struct Stage {
    asio::io_context io;
    Clock& clock = system_clock();
    test::ScriptedResolver resolver;
    test::RawServer server{io};
    egress::Policy policy{.allow_loopback = true};
    egress::HttpClient http{io.get_executor(), policy, resolver};
    Pool pool{1};
    speech::Prompts prompts;
    TenantId const a = TenantId::fresh({});
    TenantId const b = TenantId::fresh({});
    std::vector<std::string> ended;
    media::Clip last;

    explicit Stage(speech::PromptConfig config) : prompts{std::move(config), pool, http, clock} {}

    std::string url(std::string const& path) const { return "http://127.0.0.1:" + std::to_string(server.port()) + path; }
    void start(TenantId tenant, std::string path) { spawn(io.get_executor(), "test", load(std::move(tenant), std::move(path))); }
    Task<> load(TenantId tenant, std::string path) {
        auto const clip = co_await prompts.load(std::move(tenant), {.audio_url = url(path)});
        ended.push_back(path + ' ' + (clip ? "ok" : clip.error().token));
    }
    std::string token(TenantId tenant, std::string const& path) {
        auto const clip = test::run(io, prompts.load(std::move(tenant), {.audio_url = url(path)}));
        if (clip) last = *clip;
        return clip ? "ok" : clip.error().token;
    }
    void until_asked(std::size_t count) {
        io.restart();
        while (server.requests.size() < count) REQUIRE(io.run_one_for(10s) == 1);
    }
};

}  // namespace

TEST_CASE("one tenant's huge file that never comes leaves room for another's, and its own next one is refused in time") {
    Stage stage{{.loading_bytes_max = 80 * mib, .patience = 500ms}};   // 20 MiB are a tenant's share
    stage.server.replies = {stuck(), {brief}};
    stage.start(stage.a, "/stuck");
    stage.until_asked(1);
    stage.start(stage.a, "/next");
    stage.until_asked(2);
    CHECK(stage.token(stage.b, "/other") == "unsupported_audio");
    CHECK(stage.ended.empty());
    CHECK(stage.token(stage.a, "/next") == "overloaded");
}

TEST_CASE("one tenant's loads leave turns to another's") {
    Stage stage{{.at_once_max = 4, .patience = 500ms}};   // one is a tenant's share
    stage.server.replies = {stuck(), {brief}};
    stage.start(stage.a, "/stuck");
    stage.until_asked(1);
    stage.start(stage.a, "/next");
    CHECK(stage.token(stage.b, "/other") == "unsupported_audio");
    CHECK(stage.token(stage.a, "/next") == "overloaded");
    CHECK(stage.server.requests.size() == 2);   // what had no turn was not asked for
}

TEST_CASE("what is in memory plays while every turn of its tenant is taken") {
    Stage stage{{.at_once_max = 4, .patience = 500ms}};
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nContent-Length: 1644\r\n\r\n" + wav()}, stuck()};
    CHECK(stage.token(stage.a, "/wav") == "ok");
    stage.start(stage.a, "/stuck");
    stage.until_asked(2);
    CHECK(stage.token(stage.a, "/wav") == "ok");
    CHECK(stage.server.requests.size() == 2);
}

TEST_CASE("an answer that may not be kept is asked for again, in whatever case it says so") {
    Stage stage{{}};
    auto const answer = [](std::string const& control) {
        return test::RawServer::Reply{.bytes = "HTTP/1.1 200 OK\r\nCache-Control: " + control + "\r\nContent-Length: 1644\r\n\r\n" + wav()};
    };
    stage.server.replies = {answer("No-Store"), answer("Private, Max-Age=0"), answer("MAX-AGE=60"), answer("no-store")};
    for (auto const asked : {1uz, 2uz, 3uz, 3uz}) {
        CHECK(stage.token(stage.a, "/wav") == "ok");
        CHECK(stage.server.requests.size() == asked);
    }
}

TEST_CASE("who has a text synthesised hears how many characters it had, and nobody who finds it ready") {
    Stage stage{{}};
    std::vector<std::int64_t> heard;
    auto const say = [&](std::string text, std::string voice = "hi-IN") {
        return test::run(stage.io, stage.prompts.load(stage.a, {.text = std::move(text), .voice = std::move(voice)},
                                                      [&](std::int64_t characters) { heard.push_back(characters); }));
    };
    CHECK(say("नमस्ते"));
    CHECK(say("नमस्ते"));
    CHECK(heard == std::vector<std::int64_t>{6});
    CHECK_FALSE(say("नमस्ते", "klingon"));
    CHECK(say("Hello", "en-IN"));
    CHECK(heard == std::vector<std::int64_t>{6, 5});
}

TEST_CASE("a load that fails in a way nobody foresaw ends, and so does the next one of the same prompt") {
    Stage stage{{}};
    auto const say = [&] {
        return test::run(stage.io, stage.prompts.load(stage.a, {.text = "Hello", .voice = "en-IN"}, [](std::int64_t) { throw std::bad_alloc{}; }));
    };
    for (int i = 0; i < 2; ++i) {
        auto const clip = say();
        REQUIRE_FALSE(clip);
        CHECK(clip.error().code == Errc::internal);
    }
}

TEST_CASE("a damaged MP3 plays, and what its decoder prints about it is no line of the log") {
    Stage stage{{}};
    auto const frame = "\xff\xfb\x90\x64" + std::string(413, '\0');   // 26 ms of silence
    auto const file = frame + frame + frame + std::string(1000, 'x') + frame + frame + frame;
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(file.size()) + "\r\n\r\n" + file}};
    CHECK(test::on_standard_error([&] { CHECK(stage.token(stage.a, "/mp3") == "ok"); }) == "");
}

TEST_CASE("what has ended gives its turn and its room to the next") {
    Stage stage{{.at_once_max = 4, .patience = 5s}};
    stage.server.replies = {{brief}};
    for (auto const* const path : {"/1", "/2", "/3", "/4"}) CHECK(stage.token(stage.a, path) == "unsupported_audio");
}

TEST_CASE("what calls play has its bound: a tenant at its share waits until a call is done, another plays, and what many play counts once") {
    Stage stage{{.cache_bytes_max = mib, .playing_bytes_max = 168 * mib, .patience = 500ms}};   // 42 MiB are a tenant's share
    auto const minutes = [](std::size_t count) {
        auto const file = wav(count * 60 * 8000);
        return test::RawServer::Reply{.bytes = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: " + std::to_string(file.size()) + "\r\n\r\n" + file};
    };
    stage.server.replies = {minutes(10), minutes(10), minutes(6), minutes(6), minutes(6)};   // 27 and 16 MiB
    CHECK(stage.token(stage.a, "/one") == "ok");
    auto played = stage.last;
    CHECK(stage.token(stage.a, "/one") == "ok");
    CHECK(stage.token(stage.a, "/two") == "overloaded");
    CHECK(stage.token(stage.b, "/two") == "ok");
    played.reset();
    stage.last.reset();
    CHECK(stage.token(stage.a, "/two") == "ok");
}
