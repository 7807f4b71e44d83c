#include "base/chatter.hpp"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

namespace boni {
namespace {

struct Diversion {
    std::vector<std::string> beginnings;
    void (*listener)(std::string_view);
};

class Diversions {
  public:
    void add(std::initializer_list<std::string_view> beginnings, void (*listener)(std::string_view)) {
        std::lock_guard const lock{mutex_};
        if (std::ranges::find(all_, listener, &Diversion::listener) == all_.end()) all_.push_back({{beginnings.begin(), beginnings.end()}, listener});
        if (!installed_) installed_ = install();
    }
    void line(std::string_view line) {
        auto const text = line.substr(0, line.find_last_not_of("\r\n") + 1);
        if (text.empty()) return;
        if (auto* const listener = listener_of(text)) return listener(text);
        [[maybe_unused]] auto const written = ::write(STDERR_FILENO, line.data(), line.size());
    }

  private:
    using Listener = void (*)(std::string_view);
    Listener listener_of(std::string_view text) {
        std::lock_guard const lock{mutex_};
        for (auto const& one : all_)
            if (std::ranges::any_of(one.beginnings, [text](std::string const& beginning) { return text.starts_with(beginning); }))
                return one.listener;
        return nullptr;
    }
    static bool install();

    std::mutex mutex_;              // guards both below
    std::vector<Diversion> all_;
    bool installed_ = false;
};

Diversions& diversions() {
    static auto& one = *new Diversions;   // for ever: libraries print until the very end
    return one;
}

/// The stream is line-buffered, so that what arrives is mostly whole lines.
ssize_t pass_on(void*, char const* bytes, std::size_t size) {
    for (std::string_view rest{bytes, size}; !rest.empty();) {
        auto const end = rest.find('\n');
        auto const line = rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
        rest.remove_prefix(line.size());
        diversions().line(line);
    }
    return ssize_t(size);
}

/// False: libraries are loud, no more.
bool Diversions::install() {
    auto* const stream = fopencookie(nullptr, "w", {.read = nullptr, .write = pass_on, .seek = nullptr, .close = nullptr});
    if (!stream) return false;
    std::fflush(stderr);
    setvbuf(stream, nullptr, _IOLBF, 1024);
    stderr = stream;
    return true;
}

}  // namespace

void divert_chatter(std::initializer_list<std::string_view> beginnings, void (*listener)(std::string_view line)) { diversions().add(beginnings, listener); }

}  // namespace boni
