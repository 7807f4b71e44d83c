#include "store/store.hpp"

#include "store/database.hpp"
#include "store/room.hpp"
#include "store/running_requests.hpp"

namespace boni::store {

namespace {
constexpr std::uintmax_t room_min = 1024 * 1024;   // what the log keeps for the commit that reaches its end
}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreConfig config, asio::any_io_executor control) {
    TRY(auto database, Database::open(std::move(config), std::move(control)));
    return std::unique_ptr<Store>(new Store(std::move(database)));
}

Store::Store(std::unique_ptr<Database> database) : database_{std::move(database)}, running_{new RunningRequests} {}
Store::~Store() = default;

void Store::on_deliveries(std::function<void()> wake) { database_->on_deliveries(std::move(wake)); }

/// A real write with its fsync: a file that can be opened but not written is not ready. The log has its place on the disk beforehand, so
/// that a small write succeeds for minutes where a call's does not: without room there nothing is ready either.
Task<Result<>> Store::check() {
    return database_->write([file = database_->file()](Session& db) -> Result<> {
        CHECK_OK(has_room(file, room_min));
        // A microsecond to and fro: what changes nothing writes nothing, and a full disk would not be noticed.
        db.run("UPDATE schema_version SET applied_at = applied_at + 1 - 2 * (applied_at % 2) WHERE version = 1");
        return {};
    });
}

}  // namespace boni::store
