#include "media/recorder.hpp"

#include <fstream>
#include <future>

#include <doctest/doctest.h>

#include "media/wav.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::test;

namespace {

struct Sound {
    unsigned channels = 0;
    std::uint32_t riff_size = 0, data_size = 0;
    std::vector<std::int16_t> samples;

    std::vector<std::int16_t> channel(unsigned which) const {
        std::vector<std::int16_t> out;
        for (auto i = std::size_t{which}; i < samples.size(); i += channels) out.push_back(samples[i]);
        return out;
    }
};

Sound read(std::filesystem::path const& path) {
    std::ifstream in{path, std::ios::binary};
    std::string const bytes{std::istreambuf_iterator<char>{in}, {}};
    REQUIRE(bytes.size() >= media::wav_header_size);
    CHECK(bytes.substr(0, 4) == "RIFF");
    CHECK(bytes.substr(8, 8) == "WAVEfmt ");
    auto number = [&](std::size_t at) { std::uint32_t out; std::memcpy(&out, bytes.data() + at, 4); return out; };
    Sound out{.channels = std::uint8_t(bytes[22]), .riff_size = number(4), .data_size = number(40)};
    CHECK(number(24) == 8000);
    CHECK(out.riff_size == out.data_size + 36);
    out.samples.resize((bytes.size() - media::wav_header_size) / 2);
    if (!out.samples.empty()) std::memcpy(out.samples.data(), bytes.data() + media::wav_header_size, out.samples.size() * 2);
    return out;
}

struct Desk {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("boni_recorder_" + std::to_string(::getpid()) + ".wav");
    std::promise<Result<std::shared_ptr<media::Recording>>> opened;
    std::promise<Result<>> closed;
    media::RecordingWriter writer;

    explicit Desk(media::RecordOptions options = {}) { open(path, options); }
    explicit Desk(std::filesystem::path other) { open(other, {}); }
    ~Desk() { std::filesystem::remove(path); }
    void open(std::filesystem::path where, media::RecordOptions options) {
        writer.open(std::move(where), options, [this](auto result) { opened.set_value(std::move(result)); },
                    [this](auto result) { closed.set_value(std::move(result)); });
    }
    Result<> end() {
        auto done = closed.get_future();
        REQUIRE(done.wait_for(10s) == std::future_status::ready);
        return done.get();
    }
};

media::Frame frame(std::int16_t value) {
    media::Frame out;
    out.fill(value);
    return out;
}

}  // namespace

TEST_CASE("both channels are aligned by tick: what was missed is silence, on both") {
    Desk desk;
    auto const recording = *desk.opened.get_future().get();
    for (auto tick = 100u; tick < 150; ++tick)
        if (tick < 110 || tick >= 120) recording->tap(tick, frame(std::int16_t(tick)), frame(std::int16_t(-int(tick))));
    recording->end();
    CHECK(desk.end());
    auto const sound = read(desk.path);
    CHECK(sound.channels == 2);
    CHECK(sound.data_size == 50 * 160 * 4);
    auto const left = sound.channel(0), right = sound.channel(1);
    for (auto tick = 0uz; tick < 50; ++tick) {
        auto const missed = tick >= 10 && tick < 20;
        CHECK(left[tick * 160] == (missed ? 0 : std::int16_t(100 + tick)));
        CHECK(right[tick * 160 + 159] == (missed ? 0 : -std::int16_t(100 + tick)));
    }
}

TEST_CASE("mono holds what was received, and more than one block of the disk stays in order") {
    Desk desk{media::RecordOptions{.stereo = false}};
    auto const recording = *desk.opened.get_future().get();
    for (auto tick = 0u; tick < 250; ++tick) recording->tap(tick, frame(std::int16_t(tick)), frame(-1));
    recording->end();
    CHECK(desk.end());
    auto const sound = read(desk.path);
    CHECK(sound.channels == 1);
    REQUIRE(sound.samples.size() == 250 * 160);
    for (auto tick = 0uz; tick < 250; ++tick) CHECK(sound.samples[tick * 160] == std::int16_t(tick));
}

TEST_CASE("a writer that ends takes its recordings with it, complete") {
    std::filesystem::path path;
    {
        Desk desk;
        path = desk.path.string() + ".kept";
        auto const recording = *desk.opened.get_future().get();
        for (auto tick = 0u; tick < 10; ++tick) recording->tap(tick, frame(7), frame(8));
        desk.writer.~RecordingWriter();
        new (&desk.writer) media::RecordingWriter;
        CHECK(desk.closed.get_future().get());
        CHECK(read(desk.path).samples.size() == 10 * 320);
    }
}

TEST_CASE("a file that was never closed, as after a crash, can be played up to the last header") {
    Desk desk;
    media::RecordingWriter writer{0ms};
    std::promise<Result<std::shared_ptr<media::Recording>>> opened;
    auto const path = desk.path.string() + ".crash";
    writer.open(path, {}, [&](auto result) { opened.set_value(std::move(result)); }, [](auto) {});
    auto const recording = *opened.get_future().get();
    for (auto tick = 0u; tick < 100; ++tick) recording->tap(tick, frame(5), frame(6));
    auto const deadline = std::chrono::steady_clock::now() + 5s;
    while (read(path).data_size < 100 * 640 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(read(path).data_size == 100 * 640);   // the recording is still running
    std::filesystem::remove(path);
}

TEST_CASE("a ring that overflows ends the recording with a reason, and what was written can be played") {
    Desk desk;
    auto const recording = *desk.opened.get_future().get();
    for (auto tick = 0u; tick < 20'000; ++tick) recording->tap(tick, frame(1), frame(2));   // 400 s of audio at once
    auto const result = desk.end();
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::unavailable);
    CHECK(read(desk.path).data_size > 0);
}

TEST_CASE("a file that cannot be made is refused, a disk that is full ends it") {
    Desk nowhere{std::filesystem::path{"/nonexistent/x.wav"}};
    auto const opened = nowhere.opened.get_future().get();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::unavailable);

    Desk full{std::filesystem::path{"/dev/full"}};
    REQUIRE(full.opened.get_future().get());
    auto const result = full.end();
    REQUIRE_FALSE(result);
    CHECK(result.error().what.contains("No space left"));
}

TEST_CASE("the header says what the file holds") {
    auto const header = media::wav_header(2, 8000, 3200);
    std::array<std::uint8_t, 44> const expected{'R', 'I', 'F', 'F', 0xa4, 0x0c, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0,
                                                2, 0, 0x40, 0x1f, 0, 0, 0, 0x7d, 0, 0, 4, 0, 16, 0, 'd', 'a', 't', 'a', 0x80, 0x0c, 0, 0};
    CHECK(header == expected);
}
