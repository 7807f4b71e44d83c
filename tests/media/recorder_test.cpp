#include "media/recorder.hpp"

#include <fstream>
#include <future>

#include <csignal>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "media/wav.hpp"
#include "support/temp_folder.hpp"
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
    test::TempFolder folder;
    std::filesystem::path path = folder.path / "desk.wav";
    std::promise<Result<std::shared_ptr<media::Recording>>> opened;
    std::promise<Result<media::Recorded>> closed;
    media::RecordingWriter writer;

    explicit Desk(media::RecordOptions options = {}, std::uint64_t free_bytes_min = 0, std::chrono::milliseconds patch_every = 5s)
        : writer{free_bytes_min, patch_every} {
        open(path, options);
    }
    explicit Desk(std::filesystem::path other) { open(other, {}); }
    void open(std::filesystem::path where, media::RecordOptions options) {
        writer.open(std::move(where), options, [this](auto result) { opened.set_value(std::move(result)); },
                    [this](auto result) { closed.set_value(std::move(result)); });
    }
    Result<media::Recorded> end() {
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
    auto const recorded = desk.end();
    REQUIRE(recorded);
    CHECK(recorded->samples == 50 * 160);
    CHECK(recorded->bytes == std::filesystem::file_size(desk.path));
    CHECK(recorded->cut_short.empty());
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

TEST_CASE("mono holds the sum of both, and more than one block of the disk stays in order") {
    Desk desk{media::RecordOptions{.stereo = false}};
    auto const recording = *desk.opened.get_future().get();
    for (auto tick = 0u; tick < 250; ++tick) recording->tap(tick, frame(std::int16_t(tick)), frame(1000));
    recording->end();
    CHECK(desk.end());
    auto const sound = read(desk.path);
    CHECK(sound.channels == 1);
    REQUIRE(sound.samples.size() == 250 * 160);
    for (auto tick = 0uz; tick < 250; ++tick) CHECK(sound.samples[tick * 160] == std::int16_t(tick + 1000));
}

TEST_CASE("two loud voices at once are limited, not clipped, and a quiet one soon has its loudness back") {
    Desk desk{media::RecordOptions{.stereo = false}};
    auto const recording = *desk.opened.get_future().get();
    media::Frame loud;
    for (auto i = 0uz; i < loud.size(); ++i) loud[i] = std::int16_t(i % 2 == 0 ? 30'000 : -15'000);
    for (auto tick = 0u; tick < 10; ++tick) recording->tap(tick, loud, loud);
    for (auto tick = 10u; tick < 60; ++tick) recording->tap(tick, frame(1000), frame(0));
    recording->end();
    REQUIRE(desk.end());
    auto const samples = read(desk.path).samples;
    for (auto i = 161uz; i < 1600; ++i) {   // the shape stays: the negative half is half as large
        auto const expected = i % 2 == 0 ? 32'767 : -16'383;
        CHECK(std::abs(samples[i] - expected) < 100);
    }
    CHECK(samples[1600] < 600);
    CHECK(std::abs(samples.back() - 1000) < 5);
}

TEST_CASE("a writer that ends takes its recordings with it, complete") {
    Desk desk;
    auto const recording = *desk.opened.get_future().get();
    for (auto tick = 0u; tick < 10; ++tick) recording->tap(tick, frame(7), frame(8));
    desk.writer.~RecordingWriter();
    new (&desk.writer) media::RecordingWriter;
    CHECK(desk.closed.get_future().get());
    CHECK(read(desk.path).samples.size() == 10 * 320);
}

TEST_CASE("a file that was never closed, as after a crash, can be played up to the last header") {
    Desk desk;
    media::RecordingWriter writer{0, 0ms};
    std::promise<Result<std::shared_ptr<media::Recording>>> opened;
    auto const path = desk.folder.path / "crash.wav";
    writer.open(path, {}, [&](auto result) { opened.set_value(std::move(result)); }, [](auto) {});
    auto const recording = *opened.get_future().get();
    for (auto tick = 0u; tick < 100; ++tick) recording->tap(tick, frame(5), frame(6));
    auto const deadline = std::chrono::steady_clock::now() + 5s;
    while (read(path).data_size < 100 * 640 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(read(path).data_size == 100 * 640);   // the recording is still running
}

TEST_CASE("what a crash leaves behind is mended: all of it counts up to the last whole sample, and the header says so") {
    test::TempFolder folder;
    auto const path = folder.path / "mend.wav";
    auto const bytes = media::wav_header(2, 8000, 640);       // as it was five seconds before
    {
        std::ofstream out{path, std::ios::binary};
        out.write(reinterpret_cast<char const*>(bytes.data()), bytes.size());
        out << std::string(3 * 640 + 3, '\5');                // the last sample was half written
    }
    auto const mended = media::WavFile::mend(path);
    REQUIRE(mended);
    CHECK(mended->samples == 3 * 160);
    CHECK(mended->bytes == std::filesystem::file_size(path));
    CHECK(read(path).data_size == 3 * 640);
    for (auto const* const rest : {"", "RIFF", "something else that is no header of ours, whatever it is"}) {
        std::ofstream{path, std::ios::binary} << rest;
        CHECK(media::WavFile::mend(path)->samples == 0);
    }
    CHECK_FALSE(media::WavFile::mend(folder.path));   // it cannot be read: that is no reason to give it up
    CHECK(media::WavFile::mend("/nonexistent/x.wav")->samples == 0);
}

TEST_CASE("a ring that overflows ends the recording with a reason, and what was written can be played") {
    Desk desk;
    auto const recording = *desk.opened.get_future().get();
    for (auto tick = 0u; tick < 20'000; ++tick) recording->tap(tick, frame(1), frame(2));   // 400 s of audio at once
    auto const result = desk.end();
    REQUIRE(result);
    CHECK(result->cut_short.contains("did not keep up"));
    CHECK(result->samples >= 256 * 160);                     // all that the ring had taken
    CHECK(read(desk.path).data_size == result->samples * 4);
}

TEST_CASE("a file that cannot be made is refused, and one on a disk that is full or nearly so") {
    auto const why = [](Desk& desk) { return desk.opened.get_future().get().error(); };
    Desk nowhere{std::filesystem::path{"/nonexistent/x.wav"}};
    CHECK(why(nowhere).code == Errc::unavailable);
    Desk full{std::filesystem::path{"/dev/full"}};
    CHECK(why(full).what.contains("No space left"));
    Desk nearly{media::RecordOptions{}, ~std::uint64_t{0}};
    CHECK(why(nearly).what == "recording: the disk is nearly full");
}

TEST_CASE("a disk that fills up ends the recording; what was written before is whole") {
    auto const old = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit const small{.rlim_cur = 100'000, .rlim_max = before.rlim_max};   // the second block of 64 KiB does not fit
    Desk desk;
    auto const recording = *desk.opened.get_future().get();
    ::setrlimit(RLIMIT_FSIZE, &small);
    for (auto tick = 0u; tick < 250; ++tick) recording->tap(tick, frame(1), frame(2));
    auto const result = desk.end();
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    REQUIRE(result);
    CHECK(result->cut_short.contains("File too large"));
    CHECK(result->samples > 16'000);
    CHECK(read(desk.path).data_size == result->samples * 4);
    CHECK(std::filesystem::file_size(desk.path) == result->bytes);
}

TEST_CASE("the header says what the file holds") {
    auto const header = media::wav_header(2, 8000, 3200);
    std::array<std::uint8_t, 44> const expected{'R', 'I', 'F', 'F', 0xa4, 0x0c, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0,
                                                2, 0, 0x40, 0x1f, 0, 0, 0, 0x7d, 0, 0, 4, 0, 16, 0, 'd', 'a', 't', 'a', 0x80, 0x0c, 0, 0};
    CHECK(header == expected);
}
