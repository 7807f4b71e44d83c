#include "store/sealed.hpp"

#include <algorithm>
#include <iterator>

#include "store/database.hpp"
#include "store/file_lock.hpp"
#include "store/migrations.hpp"
#include "store/nouns.hpp"

namespace boni::store {

namespace {

struct Place {
    std::string table, column, context;
};
Place const places[] = {{"tenants", "control_secret", "id"}, {"endpoints", "secret", "id"}, {"endpoints", "previous_secret", "id"},
                        {"trunks", "secret", "name"}};

std::vector<SealedSecret> sealed_at(Session& session, Place const& place, std::string const& limit) {
    auto const rest = " FROM " + place.table + " WHERE " + place.column + " <> '' ORDER BY " + place.context + limit;
    auto contexts = session.all<std::string>("SELECT " + place.context + rest);
    auto secrets = session.all<SealedBytes>("SELECT " + place.column + rest);
    std::vector<SealedSecret> out;
    for (auto at = 0uz; at < contexts.size(); ++at) out.push_back({std::move(secrets[at].bytes), std::move(contexts[at])});
    return out;
}

Result<std::size_t> reseal_all(Session& session, std::function<Result<std::string>(SealedSecret const&)> const& anew) {
    std::size_t count = 0;
    for (auto const& place : places) {
        auto const update = "UPDATE " + place.table + " SET " + place.column + " = :sealed WHERE " + place.context + " = :context";
        for (auto const& secret : sealed_at(session, place, "")) {
            TRY(auto sealed, anew(secret));
            session.run(update, SealedBytes{std::move(sealed)}, secret.context);
            ++count;
        }
    }
    return count;
}

}  // namespace

Task<Result<std::vector<SealedSecret>>> Store::some_sealed() {
    return database_->look_together([](Session& db) -> Result<std::vector<SealedSecret>> {
        std::vector<SealedSecret> out;
        for (auto const& place : places) std::ranges::move(sealed_at(db, place, " LIMIT 1"), std::back_inserter(out));
        return out;
    });
}

Result<std::size_t> reseal(std::filesystem::path const& database, std::function<Result<std::string>(SealedSecret const&)> const& anew) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(database, ignored)) return fail(Errc::not_found, "there is no database " + database.string());
    TRY(auto const lock, FileLock::take(database));
    try {
        Session session{database, Session::Mode::writer};
        if (auto const known = schema_of(session); !known) return std::unexpected(known.error());   // a newer one may have secrets elsewhere too
        session.run("BEGIN IMMEDIATE");
        auto const done = reseal_all(session, anew);
        session.run(done ? "COMMIT" : "ROLLBACK");
        return done;
    } catch (DatabaseError const& error) {
        return fail(Errc::unavailable, database.string() + ": " + error.what());
    }
}

}  // namespace boni::store
