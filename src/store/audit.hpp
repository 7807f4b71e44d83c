// The operator's log, written in the transaction of what it tells of. Thread: the writer's.
#pragma once

#include <utility>

#include "store/session.hpp"
#include "store/store.hpp"

namespace boni::store {

void add_audit(Session& db, model::AuditEntry const& entry);

/// `work` and its entry, both or neither; without an entry `work` alone.
template <class Work>
auto audited(Audit entry, Work work) {
    return [entry = std::move(entry), work = std::move(work)](Session& db) {
        auto done = work(db);
        if (done && entry) store::add_audit(db, *entry);
        return done;
    };
}

}  // namespace boni::store
