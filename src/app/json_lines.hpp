// One JSON document per line on standard output, for `boni dev --json`. A reader that does not read must not stop the platform.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace boni::app {

/// Thread: `say` any; the writing happens on a thread of its own. Owner: dev.
class JsonLines {
  public:
    explicit JsonLines(int fd);
    /// Writes what waits, at most one second, then gives up on it.
    ~JsonLines();
    JsonLines(JsonLines const&) = delete;

    /// Never waits. At most `lines_max` wait to be read; more are dropped, and once there is room again a line
    /// {"dropped": n} tells how many.
    void say(std::string line);

    static constexpr std::size_t lines_max = 100'000;   // an hour of one busy call; 100 MB at the very most
    /// Lines that come within it of each other leave together: at a thousand a second each would cost two switches between threads.
    static constexpr auto gather = std::chrono::milliseconds{5};

  private:
    void write_all();
    std::string next();
    bool write(std::string_view text);

    int fd_;
    std::mutex mutex_;                        // guards everything down to `closing_`
    bool asleep_ = false;                     // the writer waits to be woken
    std::condition_variable changed_;
    std::deque<std::string> waiting_;
    std::size_t dropped_ = 0;
    bool closing_ = false;
    std::thread writer_;
};

}  // namespace boni::app
