#include "store/session.hpp"

#include <deque>
#include <unordered_map>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace boni::store {

namespace {

constexpr int busy_timeout_s = 5;                    // a backup by another process may hold the lock that long
constexpr int sqlite_constraint = 19;                // primary code of every constraint and RAISE(ABORT)

/// SOCI binds addresses: a slot stays where it is as long as its statement.
struct Slot {
    Cell::Kind kind;
    soci::indicator state = soci::i_ok;
    long long integer = 0;
    std::string text;
};

/// Not `what`, which tells each value of the statement: numbers, texts and secrets of customers.
[[noreturn]] void rethrow(soci::soci_error const& error, std::string_view sql) {
    auto const* const sqlite = dynamic_cast<soci::sqlite3_soci_error const*>(&error);
    auto const where = sql.empty() ? std::string{} : " (" + std::string{sql} + ')';
    throw DatabaseError{error.get_error_message() + where, sqlite && (sqlite->result() & 0xff) == sqlite_constraint};
}

/// A Session belongs to one thread, so no call of SQLite needs a mutex; and nobody reads its memory statistics, which take one for each
/// allocation. Counts only before the first connection of the process.
void leave_out_mutexes() {
    static bool const done = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD) == SQLITE_OK &&
                             sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
    if (!done) throw DatabaseError{"SQLite was in use before it was configured", false};
}

std::string connect_string(std::filesystem::path const& file) {
    return "dbname=\"" + file.string() + "\" timeout=" + std::to_string(busy_timeout_s);
}

}  // namespace

struct Session::Prepared {
    explicit Prepared(soci::session& sql) : statement{sql} {}
    std::deque<Slot> in;
    std::deque<Slot> out;
    soci::statement statement;                       // last: it goes before the slots it points to
};

struct Session::Connection {
    soci::session sql;
    std::unordered_map<std::string, std::unique_ptr<Prepared>> statements;   // bounded by the SQL texts of this folder
};

Session::Session(std::filesystem::path const& file, Mode mode) : connection_{std::make_unique<Connection>()} {
    leave_out_mutexes();
    try {
        connection_->sql.open(soci::sqlite3, connect_string(file));
    } catch (soci::soci_error const& error) {
        rethrow(error, {});
    }
    if (mode == Mode::writer) {
        script("PRAGMA journal_mode=WAL");
        script("PRAGMA wal_autocheckpoint=" + std::to_string(log_pages));
    }
    script("PRAGMA synchronous=FULL");               // a commit that was answered survives the power cut
    // KiB. The writer's is small: a commit that has moved pages of a tree walks the whole cache (SQLite moves them by way of a page number beyond
    // the file's end, and forgets what lies there), and what it misses lies in the system's cache.
    script(mode == Mode::writer ? "PRAGMA cache_size=-2048" : "PRAGMA cache_size=-4096");
    script("PRAGMA temp_store=MEMORY");              // a savepoint's pages are not worth a file
    if (mode == Mode::reader) script("PRAGMA query_only=ON");
}

Session::~Session() { connection_->statements.clear(); }

void Session::script(std::string_view sql) {
    // One statement per ';' at a line's end; a trigger goes on to its END.
    std::string one;
    auto const flush = [&] {
        if (one.find_first_not_of(" \n") != std::string::npos) {
            try {
                connection_->sql.once << one;
            } catch (soci::soci_error const& error) {
                rethrow(error, one);
            }
        }
        one.clear();
    };
    while (!sql.empty()) {
        auto const end = std::min(sql.find('\n'), sql.size());
        auto const line = sql.substr(0, end);
        sql.remove_prefix(std::min(end + 1, sql.size()));
        one.append(line).push_back('\n');
        auto const inside = one.find("\nBEGIN\n") != std::string::npos;
        if (inside ? line == "END;" : line.ends_with(';')) flush();
    }
    flush();
}

Session::Prepared& Session::prepared(std::string const& sql, std::vector<Cell> const& cells, std::vector<Cell::Kind> const& columns) {
    auto& known = connection_->statements[sql];
    if (known) return *known;
    known = std::make_unique<Prepared>(connection_->sql);
    auto& [in, out, statement] = *known;
    statement.alloc();
    statement.prepare(sql);
    for (auto const& cell : cells) {
        auto& slot = in.emplace_back(cell.kind);
        if (slot.kind == Cell::Kind::text) statement.exchange(soci::use(slot.text, slot.state));
        else statement.exchange(soci::use(slot.integer, slot.state));
    }
    for (auto const kind : columns) {
        auto& slot = out.emplace_back(kind);
        if (kind == Cell::Kind::text) statement.exchange(soci::into(slot.text, slot.state));
        else statement.exchange(soci::into(slot.integer, slot.state));
    }
    statement.define_and_bind();
    return *known;
}

long long Session::execute(std::string const& sql, std::vector<Cell> cells, std::vector<Cell::Kind> const& columns,
                           std::function<void(std::span<Cell>)> const& row) {
    try {
        auto& [in, out, statement] = prepared(sql, cells, columns);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            in[i].state = cells[i].null ? soci::i_null : soci::i_ok;
            in[i].integer = cells[i].integer;
            in[i].text = std::move(cells[i].text);
        }
        std::vector<Cell> values(out.size());
        for (bool more = statement.execute(true); more && row; more = statement.fetch()) {
            for (std::size_t i = 0; i < values.size(); ++i) {
                auto& value = values[i];
                value.kind = out[i].kind;
                value.null = out[i].state == soci::i_null;
                value.integer = value.null ? 0 : out[i].integer;
                value.text.swap(out[i].text);
                if (value.null) value.text.clear();
            }
            row(values);
        }
        return statement.get_affected_rows();
    } catch (soci::soci_error const& error) {
        connection_->statements.erase(sql);          // its state is unknown; the next use prepares it anew
        rethrow(error, sql);
    }
}

}  // namespace boni::store
