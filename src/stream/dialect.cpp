#include "stream/dialect.hpp"

#include <algorithm>

namespace boni::stream {

std::string_view name(Track track) { return track == Track::inbound ? "inbound" : "outbound"; }

Dialect const* find_dialect(std::string_view name) {
    auto const all = all_dialects();
    auto const found = std::ranges::find(all, name, &Dialect::name);
    return found == all.end() ? nullptr : *found;
}

}  // namespace boni::stream
