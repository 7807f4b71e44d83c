#include "base/json_strict.hpp"

namespace boni::json {
namespace {

using boost::system::error_code;
using strict::Text;

/// Of SAX events the strings at a few places.
struct Picking : strict::Handler {
    explicit Picking(std::span<Place const> of) : places{of}, named(of.size()), found(of.size()) {}

    std::span<Place const> places;
    std::vector<bool> named;                          ///< by place: its key was there
    std::vector<std::optional<std::string>> found;
    std::string partial, key, outer;                  ///< a key that comes in parts; of the member that comes; of the object at the second level
    std::size_t wanted = nowhere;                     ///< the place of the value that comes
    std::size_t level = 0;                            ///< objects and arrays that are open
    bool object = false;                              ///< at the second level; or an array
    static constexpr std::size_t nowhere = std::size_t(-1);

    bool looked_at() const { return level == 1 || (level == 2 && object); }
    bool begin(bool is_object, error_code& error) {
        if (level == 0 && !is_object) return refuse("not an object", error);
        if (level == 1) {
            object = is_object;
            outer = key;
        }
        ++level;
        wanted = nowhere;
        return true;
    }
    bool end() {
        if (--level == 1) outer.clear();
        return true;
    }
    bool other(error_code& error) {
        wanted = nowhere;
        return level > 0 || refuse("not an object", error);
    }
    bool keep(Text part, error_code& error) {
        if (wanted != nowhere) {
            auto& text = found[wanted];
            if (!text) text.emplace();
            text->append(part.data(), part.size());
        }
        return without_nul(part, error);
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& error) { return begin(true, error); }
    bool on_object_end(std::size_t, error_code&) { return end(); }
    bool on_array_begin(error_code& error) { return begin(false, error); }
    bool on_array_end(std::size_t, error_code&) { return end(); }
    bool on_key_part(Text part, std::size_t, error_code& error) {
        if (looked_at()) partial.append(part.data(), part.size());
        return without_nul(part, error);
    }
    bool on_key(Text last, std::size_t, error_code& error) {
        if (!looked_at()) return without_nul(last, error);
        key.assign(std::exchange(partial, {}));
        key.append(last.data(), last.size());
        for (auto at = 0uz; at < places.size(); ++at) {
            auto const& place = places[at];
            if (place.name != key || place.outer != outer || place.outer.empty() != (level == 1)) continue;
            if (named[at]) return refuse_twice(error);
            named[at] = true;
            wanted = at;
        }
        return without_nul(last, error);
    }
    bool on_string_part(Text part, std::size_t, error_code& error) { return keep(part, error); }
    bool on_string(Text last, std::size_t, error_code& error) { return keep(last, error) && other(error); }
    bool on_int64(std::int64_t, Text, error_code& error) { return other(error); }
    bool on_uint64(std::uint64_t, Text, error_code& error) { return other(error); }
    bool on_double(double number, Text, error_code& error) { return finite(number, error) && other(error); }
    bool on_bool(bool, error_code& error) { return other(error); }
    bool on_null(error_code& error) { return other(error); }
};

}  // namespace

Result<std::vector<std::optional<std::string>>> pick(std::string_view text, std::span<Place const> places) {
    boost::json::basic_parser<Picking> parser{strict::options(), places};
    CHECK_OK(strict::read(parser, text));
    return std::move(parser.handler().found);
}

}  // namespace boni::json
