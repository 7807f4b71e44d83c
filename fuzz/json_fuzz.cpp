// A body from anybody: what the strict reader takes is written and read again as the same document, its canonical form is stable, and what is picked
// from the text is what is in the document.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/json.hpp"

using namespace boni;

namespace {

/// The library reads a fraction's last digit within one unit only: such a number may be another one when it comes back.
bool exact(json::value const& document) {
    if (auto const* array = document.if_array()) return std::ranges::all_of(*array, exact);
    if (auto const* object = document.if_object()) return std::ranges::all_of(*object, [](auto const& member) { return exact(member.value()); });
    return !document.is_double();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const document = json::parse(text);
    if (!document) {
        ENSURE(document.error().code == Errc::malformed);
        return 0;
    }
    auto const canonical = json::canonical(*document);
    auto const again = json::parse(canonical);
    ENSURE(again.has_value());
    if (exact(*document)) ENSURE(json::canonical(*again) == canonical);
    ENSURE(json::parse(json::serialize(*document)).has_value());
    json::Place const places[] = {{"", "a"}, {"b", "a"}};
    auto const picked = json::pick(text, places);
    ENSURE(picked.has_value() == document->is_object());
    if (!picked) return 0;
    auto const* const inner = json::object_at(document->as_object(), "b");
    ENSURE((*picked)[0] == json::text(document->as_object(), "a"));
    ENSURE((*picked)[1] == (inner ? json::text(*inner, "a") : std::nullopt));
    for (auto const& [name, value] : document->as_object()) {
        ENSURE(json::find(document->as_object(), name) != nullptr);
        (void)json::text(document->as_object(), name);
        (void)json::integer(document->as_object(), name);
        (void)json::boolean(document->as_object(), name);
        (void)json::object_at(document->as_object(), name);
        (void)json::array_at(document->as_object(), name);
    }
    return 0;
}
