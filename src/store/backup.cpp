#include "store/backup.hpp"

#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "store/migrations.hpp"
#include "store/nouns.hpp"

namespace boni::store {

namespace {

/// SQLite writes into a file that is there and empty: nobody else can read it while it grows.
Result<> make_empty_private(std::filesystem::path const& file) {
    Fd const made{::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!made) return fail(Errc::unavailable, file.string() + ": " + std::generic_category().message(errno));
    return {};
}

/// Or empty, as from mktemp.
bool is_database(std::filesystem::path const& file) {
    constexpr std::string_view first_bytes{"SQLite format 3"};
    std::string begin(first_bytes.size(), '\0');
    std::ifstream in{file, std::ios::binary};
    in.read(begin.data(), std::streamsize(begin.size()));
    return begin == first_bytes || (in.eof() && in.gcount() == 0);
}

/// What is at `to` goes: only a backup of before may, not the database, its log, or the key that opens it.
Result<> check_place(std::filesystem::path const& database, std::filesystem::path const& to) {
    std::error_code error;
    if (std::filesystem::equivalent(database, to, error)) return fail(Errc::invalid, "the copy would replace the database itself");
    auto const copy = std::filesystem::weakly_canonical(to, error), original = std::filesystem::weakly_canonical(database, error);
    for (std::string const end : {"-wal", "-shm", "-journal"})
        if (copy == original.string() + end) return fail(Errc::invalid, to.string() + " is a part of the database itself");
    auto const kind = std::filesystem::status(to, error).type();
    if (kind == std::filesystem::file_type::not_found || (kind == std::filesystem::file_type::regular && is_database(to))) return {};
    return fail(Errc::invalid, to.string() + " is there and is no copy of a database");
}

/// The file, and that its folder names it.
Result<> settle(std::filesystem::path const& from, std::filesystem::path const& to) {
    Fd const folder{::open(to.has_parent_path() ? to.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    Fd const file{folder ? ::open(from.c_str(), O_RDONLY | O_CLOEXEC) : -1};
    if (file && ::fsync(file.get()) == 0 && ::rename(from.c_str(), to.c_str()) == 0 && ::fsync(folder.get()) == 0) return {};
    auto const why = errno;
    ::unlink(from.c_str());
    return fail(Errc::unavailable, to.string() + ": " + std::generic_category().message(why));
}

/// Read last: a recording that came meanwhile is one too many, none is missing. A platform that has not been started anew since the binary was
/// replaced has the schema of its own: rows were of whole recordings before migration 13, all of them kept before 8; before 2 there were none.
std::vector<model::Recording> recordings_of(Session& session, int schema) {
    if (schema < 2) return {};
    std::string const which = std::string{" FROM recordings WHERE file <> ''"} + (schema < 8 ? "" : " AND removed_at IS NULL") +
                              (schema < 13 ? "" : " AND finished_at IS NOT NULL") + " ORDER BY id";
    session.run("BEGIN");                            // all three see the same rows
    auto const ids = session.all<RecordingId>("SELECT id" + which);
    auto const files = session.all<std::string>("SELECT file" + which);
    auto const bytes = session.all<std::int64_t>("SELECT bytes" + which);
    session.run("COMMIT");
    std::vector<model::Recording> out(ids.size());
    for (auto at = 0uz; at < out.size(); ++at) {
        out[at].id = ids[at];
        out[at].file = files[at];
        out[at].bytes = bytes[at];
    }
    return out;
}

}  // namespace

Result<> back_up(Session& session, std::filesystem::path const& to) {
    auto beside = to;
    beside += ".part";
    CHECK_OK(make_empty_private(beside));
    std::error_code ignored;
    try {
        session.run("VACUUM INTO :file", beside.string());
    } catch (DatabaseError const& error) {
        std::filesystem::remove(beside, ignored);
        return fail(Errc::unavailable, to.string() + ": " + error.what());
    }
    return settle(beside, to);
}

Result<std::vector<model::Recording>> back_up(std::filesystem::path const& database, std::filesystem::path const& to) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(database, error)) return fail(Errc::not_found, "there is no database " + database.string());
    CHECK_OK(check_place(database, to));
    try {
        Session session{database, Session::Mode::writer};
        TRY(auto const schema, schema_of(session));
        CHECK_OK(back_up(session, to));
        return recordings_of(session, schema);
    } catch (DatabaseError const& wrong) {
        return fail(Errc::unavailable, database.string() + ": " + wrong.what());
    }
}

}  // namespace boni::store
