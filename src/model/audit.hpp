// What an operator did: one row for each write that happened. Plain values; any thread.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"

namespace boni::model {

struct AuditEntry {
    AuditId id;
    Instant at{};
    std::string who;                         ///< prefix of the operator's key, or "uid 0" of the socket's peer
    KeyId key;                               ///< empty on the socket
    std::string source;                      ///< where from: the peer's address and port, or "admin socket, pid 4242"
    std::string operation;                   ///< method and path template, "PATCH /v1/tenants/{tenant}"
    TenantId tenant;                         ///< that it is about; empty: none
    std::string subject;                     ///< id of what changed, a trunk's or plan's name
    std::string request_id;
    json::object request;                    ///< the body, without secrets, of bounded size
};

json::object to_json(AuditEntry const& entry);

}  // namespace boni::model
