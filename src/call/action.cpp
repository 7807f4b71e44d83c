#include "call/action.hpp"

#include <algorithm>

namespace boni::call {

Action const* find_action(std::string_view name) {
    auto const all = all_actions();
    auto const found = std::ranges::find(all, name, [](Action const* action) { return action->name; });
    return found == all.end() ? nullptr : *found;
}

}  // namespace boni::call
