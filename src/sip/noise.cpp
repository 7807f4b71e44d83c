#include "sip/noise.hpp"

#include <mutex>

#include "base/chatter.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "sip/re.hpp"
#include "sip/text.hpp"
#define DEBUG_MODULE "boni"
#define DEBUG_LEVEL 0
extern "C" {
#include <re/re_dbg.h>
}

namespace boni::sip {
namespace {

constexpr int lines_per_second = 10;
constexpr std::size_t line_max = 200;

/// Lines of libre, from its debug calls and from its prints.
class Noise {
  public:
    void line(std::string_view text) {
        text = trim(text);
        if (auto const colour = text.find("\x1b["); colour != std::string_view::npos && text.substr(colour).size() < 4) text = text.substr(0, colour);
        if (text.starts_with("\x1b[")) text = text.substr(std::min(text.size(), text.find('m') + 1));
        if (text.empty()) return;
        static auto& dropped = metrics::counter("boni_sip_library_lines_dropped_total", "Lines of the SIP library beyond ten a second");
        {
            std::lock_guard const lock{mutex_};
            auto const now = std::chrono::steady_clock::now();
            if (now - second_ >= 1s) {
                second_ = now;
                lines_ = 0;
            }
            if (++lines_ > lines_per_second) return dropped.Increment();
        }
        std::string shown{text.substr(0, line_max)};
        for (auto& c : shown)
            if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
        log_warning("sip", "the SIP library says", {{"line", std::move(shown)}});
    }

  private:
    std::mutex mutex_;              // guards the two below: libre is used by media threads too
    std::chrono::steady_clock::time_point second_{};
    int lines_ = 0;
};

Noise& noise() {
    static Noise one;
    return one;
}

}  // namespace

void tame_libre() {
    noise();
    dbg_init(DBG_WARNING, DBG_NONE);
    dbg_handler_set([](int, char const* text, std::size_t size, void*) { noise().line({text, size}); }, nullptr);
    divert_chatter({"sip: msg decode", "unhandeled "}, [](std::string_view line) { noise().line(line); });
}

}  // namespace boni::sip
