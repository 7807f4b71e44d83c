// The headers of an upgrade request: who we are, and the signature over the URL (media-stream 2). Pure; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "stream/stream.hpp"

namespace boni::stream {

std::vector<std::pair<std::string, std::string>> upgrade_headers(Wanted const& wanted, Instant now);

}  // namespace boni::stream
