// An engine on loopback and the events of its ports, turned by the test's own io_context.
#pragma once

#include <optional>

#include <doctest/doctest.h>

#include "media/engine.hpp"
#include "support/run_task.hpp"

namespace boni::test {

/// An engine with one thread on loopback, and the events of its ports.
struct EngineStage {
    explicit EngineStage(unsigned threads = 1)
        : engine{{.port_first = 21000, .port_last = 29999, .threads = threads, .bind_address = "127.0.0.1", .pin_threads = false},
                 io.get_executor()} {}
    asio::io_context io;
    media::Engine engine;

    struct Leg {
        std::vector<media::PortEvent> events;
        std::unique_ptr<media::Port> port;

        template <class T>
        std::size_t count() const {
            return std::size_t(std::ranges::count_if(events, [](auto const& event) { return std::holds_alternative<T>(event); }));
        }
        template <class T>
        T const* last() const {
            for (auto at = events.rbegin(); at != events.rend(); ++at)
                if (auto const* const found = std::get_if<T>(&*at)) return found;
            return nullptr;
        }
        std::string digits() const {
            std::string out;
            for (auto const& event : events)
                if (auto const* const digit = std::get_if<media::Digit>(&event)) out += digit->key;
            return out;
        }
    };
    std::unique_ptr<Leg> leg() {
        auto out = std::make_unique<Leg>();
        auto opened = engine.open([raw = out.get()](media::PortEvent event) { raw->events.push_back(std::move(event)); });
        REQUIRE(opened);
        out->port = std::move(*opened);
        return out;
    }

    bool until(auto condition, std::chrono::milliseconds limit = 5s) {
        return run_until(io, std::move(condition), limit);
    }
    template <class T>
    T run(Task<T> task) {
        return test::run(io, std::move(task));
    }
};

}  // namespace boni::test
