// The server of a call as people write it: "voice.example.com:5060", "localhost:5060" or "127.0.0.1:5060". Thread: main.
#pragma once

#include <string>
#include <string_view>

#include "base/address.hpp"

namespace boni::cli {

struct Server {
    Address address;
    std::string name;                    ///< a host name, which TLS verifies; empty when an address was written
};

/// Blocks for as long as the system's resolver does. Errc::invalid: not host:port. Errc::unavailable: the name leads nowhere.
Result<Server> find_server(std::string_view text);

}  // namespace boni::cli
