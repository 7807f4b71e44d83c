#include "store/room.hpp"

namespace boni::store {

Result<> has_room(std::filesystem::path const& file, std::uintmax_t bytes) {
    std::error_code unknown;
    auto const disk = std::filesystem::space(file, unknown);
    if (unknown || disk.available >= bytes) return {};
    return fail(Errc::unavailable, "the disk of the database is full");
}

}  // namespace boni::store
