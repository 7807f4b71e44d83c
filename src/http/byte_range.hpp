// Which bytes of a body a client wants (RFC 9110 14). Pure. Thread: any.
#pragma once

#include <cstdint>
#include <optional>

#include "http/request.hpp"

namespace boni::http {

struct ByteRange {
    enum class Kind { whole, part, unsatisfiable } kind = Kind::whole;
    std::uint64_t first = 0;
    std::uint64_t count = 0;                         ///< of `part` and `whole`
};

/// One range of a GET. Several of them, another unit, what is no range, and If-Range (we give no validator it could match) are answered
/// with the whole, as the RFC lets us.
ByteRange byte_range(Request const& request, std::uint64_t size);

}  // namespace boni::http
