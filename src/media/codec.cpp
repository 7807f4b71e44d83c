#include "media/codec.hpp"

namespace boni::media {

Codec const* find_codec(std::string_view name) {
    for (auto const* const family : all_codecs())
        for (auto const& codec : family->codecs)
            if (codec.name == name) return &codec;
    return nullptr;
}

}  // namespace boni::media
