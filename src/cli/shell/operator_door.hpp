// One HTTP/1.1 exchange with the operator's side of a server: through its admin socket, or over TCP or TLS to its operator API.
//
// Thread: the command's own; blocks until the answer has ended.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.hpp"

namespace boni::cli {

struct OperatorDoor {
    std::string socket;                      ///< path of the admin socket; used without `api`
    std::string api;                         ///< http:// or https:// with host and port; what follows the port is not read
    std::chrono::milliseconds patience;      ///< for each step: connecting, sending, every part of the answer
};

struct OperatorRequest {
    std::string_view method;
    std::string path;                        ///< with its query
    std::string key;                         ///< of an operator; empty: none is sent
    std::string body;                        ///< JSON; empty: none
};

/// The answer's status with each piece of its body as it comes; a piece may be empty.
using OnBytes = std::function<void(int status, std::string_view bytes)>;

/// Errc::invalid: `api` is no URL; Errc::unavailable: what the network or `heard` (by throwing) said.
Result<> exchange(OperatorDoor const& door, OperatorRequest const& request, OnBytes const& heard);

}  // namespace boni::cli
