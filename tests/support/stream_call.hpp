// One stream on the real thread, against a real bot; the test is its media thread.
#pragma once

#include <doctest/doctest.h>

#include "base/crypto.hpp"
#include "stream/streams.hpp"

namespace boni::test {

struct StreamCall {
    asio::io_context control;
    egress::Policy policy{.allow_loopback = true};
    stream::Streams streams{policy, control.get_executor()};
    std::vector<stream::told::Remark> remarks;
    bool opened = false;
    std::optional<stream::told::Ended> ended;
    std::unique_ptr<stream::Stream> stream;
    std::uint64_t position = 0;
    std::uint16_t packets = 0;
    stream::ContentType type{};

    void open(std::string url, bool bidirectional = true, bool play_out = false) {
        stream::Subject subject{.stream = "strm_1", .call = "call_1", .tenant = "ten_1", .from = "+919876543210", .to = "+918040000001",
                        .direction = "inbound", .channel = "pstn", .number = "num_1", .route = "route_1", .traceparent = "00-1-2-01",
                        .parameters = {{"shop", "7"}}, .tracks = {stream::Track::inbound}, .type = type};
        stream::Wanted wanted{.url = std::move(url), .keys = {}, .subject = std::move(subject), .bidirectional = bidirectional, .play_out = play_out};
        wanted.keys.emplace_back(std::string(32, 'k'));
        stream = streams.open(std::move(wanted), [this](stream::Told what) {
            if (auto* const remark = std::get_if<stream::told::Remark>(&what)) remarks.push_back(*remark);
            else if (auto* const over = std::get_if<stream::told::Ended>(&what)) ended = *over;
            else opened = true;
        });
    }
    template <class Done>
    void until(Done done, std::chrono::seconds limit = 10s) {
        auto const give_up = std::chrono::steady_clock::now() + limit;
        auto const busy = asio::make_work_guard(control);
        while (!done()) {
            REQUIRE(std::chrono::steady_clock::now() < give_up);
            control.restart();
            control.run_one_for(5ms);
        }
    }
    /// 20 ms of the caller, one u-law code throughout: 0 is as loud as can be, 0xff silence.
    void hear(std::uint64_t tick, std::uint8_t code = 0) {
        std::array<std::uint8_t, media::frame_samples> payload;
        payload.fill(code);
        stream->tap()->arrived({.header = {.sequence = ++packets, .timestamp = std::uint32_t(tick) * 160}, .payload = payload,
                                .codec = media::find_codec("PCMU")}, tick, std::chrono::steady_clock::now());
        stream->tap()->waker().wake();
    }
    /// One tick of the leg: the loudest sample that was said.
    int tick() {
        media::Frame said{};
        stream->feed()->fill(said, position);
        position += said.size();
        if (stream->feed()->settle(position)) stream->feed()->waker().wake();
        return *std::ranges::max_element(said);
    }
};

/// A message of so many bytes of audio.
inline std::string media_of(std::size_t bytes) { return R"({"event":"media","media":{"payload":")" + base64(std::string(bytes, '\x10')) + R"("}})"; }
inline std::string text(json::object const& message, std::string_view name) { return std::string{*json::text(message, name)}; }

}  // namespace boni::test
