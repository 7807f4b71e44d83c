// Requests for numbers: the tenant asks, the operator moves them, and a number comes of one with its event in the same transaction.
#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/outbox.hpp"
#include "store/page.hpp"
#include "store/requests.hpp"

namespace boni::store {

namespace {

constexpr std::size_t open_max = 1000;               // of a tenant: nobody works through more, and each is kilobytes
constexpr auto count_open = "SELECT COUNT(*) FROM number_requests WHERE tenant_id = :tenant AND status IN ('submitted', 'kyc_required', 'approved')";

Result<model::NumberRequest> find(Session& db, NumberRequestId const& id) {
    return found(db.one_from<model::NumberRequest>("number_requests WHERE id = :id", id), "number request");
}

/// The number a request is fulfilled with: one that the tenant has already, or a new row. None fulfils two.
Result<NumberId> give(Session& db, NumberRequestMove const& move, TenantId const& tenant) {
    static auto const upsert = upsert_into<model::Number>("numbers", "id", {"created_at", "route_status"});
    auto const known = db.one_from<model::Number>("numbers WHERE phone_number = :number", move.number->phone_number);
    if (known && (known->tenant != tenant || known->id != move.number->id))
        return fail(Errc::conflict, "the number exists already", "phoneNumber", "duplicate_number");
    if (db.one<int>("SELECT 1 FROM number_requests WHERE number_id = :number", move.number->id))
        return fail(Errc::conflict, "another request was fulfilled with this number", "phoneNumber", "duplicate_number");
    auto number = *move.number;
    number.tenant = tenant;
    db.run_cells(upsert, cells_for(number));
    if (move.event) add_event(db, *move.event, {});
    return number.id;
}

}  // namespace

Task<Result<>> Store::create_number_request(model::NumberRequest request, std::size_t numbers_max, std::optional<FinishedRequest> finished) {
    return database_->write([request = std::move(request), numbers_max, finished = std::move(finished)](Session& db) -> Result<> {
        static auto const insert = insert_into<model::NumberRequest>("number_requests");
        auto const count = db.one<std::size_t>("SELECT COUNT(*) FROM numbers WHERE tenant_id = :tenant AND type = 'indian_business_number'",
                                               request.tenant);
        if (count >= numbers_max) return fail(Errc::forbidden, "the plan's number of numbers is reached", {}, "plan_limit_reached");
        auto const open = db.one<std::size_t>(count_open, request.tenant);
        if (open >= open_max) return fail(Errc::forbidden, "too many requests for numbers are waiting", {}, "plan_limit_reached");
        db.run_cells(insert, cells_for(request));
        if (finished) finish(db, *finished, request.created_at);
        return {};
    });
}

Task<Result<model::NumberRequest>> Store::number_request(NumberRequestId id) {
    return database_->read([id](Session& db) { return find(db, id); });
}

Task<Result<std::vector<model::NumberRequest>>> Store::number_requests(NumberRequestFilter filter) {
    return database_->read([filter = std::move(filter)](Session& db) -> Result<std::vector<model::NumberRequest>> {
        Page page{select_from<model::NumberRequest>("number_requests")};
        if (!filter.tenant.empty()) page.where("tenant_id = :tenant", filter.tenant);
        return page.read<model::NumberRequest>(db, "created_at", filter.after, filter.limit, Order::oldest_first);
    });
}

Task<Result<model::NumberRequest>> Store::move_number_request(NumberRequestMove move) {
    return database_->write([move = std::move(move)](Session& db) -> Result<model::NumberRequest> {
        TRY(auto request, find(db, move.id));
        if (!model::may_move(request.status, move.to))
            return fail(Errc::conflict, "a request that is " + std::string{name(request.status)} + " cannot become " + std::string{name(move.to)},
                        "status", "invalid_transition");
        if (move.number) { TRY(request.number, give(db, move, request.tenant)); }
        request.status = move.to;
        if (!move.note.empty()) request.note = move.note;
        request.updated_at = move.now;
        db.run("UPDATE number_requests SET status = :status, number_id = :number, note = :note, updated_at = :now WHERE id = :id",
               request.status, request.number, request.note, move.now, request.id);
        if (move.audit) store::add_audit(db, *move.audit);
        return request;
    });
}

}  // namespace boni::store
