#include "base/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace boni {

std::string_view name(Errc code) {
    switch (code) {
        case Errc::malformed: return "malformed";
        case Errc::invalid: return "invalid";
        case Errc::unauthorized: return "unauthorized";
        case Errc::forbidden: return "forbidden";
        case Errc::not_found: return "not_found";
        case Errc::conflict: return "conflict";
        case Errc::limit: return "limit";
        case Errc::timeout: return "timeout";
        case Errc::unavailable: return "unavailable";
        case Errc::internal: return "internal";
    }
    return "internal";
}

void ensure_failed(char const* expression, char const* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, expression);
    std::abort();
}

}  // namespace boni
