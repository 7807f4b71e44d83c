#include "model/audit.hpp"

namespace boni::model {

json::object to_json(AuditEntry const& entry) {
    json::object out{{"id", entry.id.str()}, {"at", rfc3339(entry.at)}, {"who", entry.who}, {"from", entry.source}, {"operation", entry.operation}};
    if (!entry.key.empty()) out["keyId"] = entry.key.str();
    if (!entry.tenant.empty()) out["tenantId"] = entry.tenant.str();
    if (!entry.subject.empty()) out["subject"] = entry.subject;
    out["requestId"] = entry.request_id;
    out["request"] = entry.request;
    return out;
}

}  // namespace boni::model
