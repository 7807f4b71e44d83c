// One SQLite connection through SOCI, with every statement prepared once and its parameters bound once.
//
// Thread: the one that owns the connection (database.hpp has three). Errors: throws DatabaseError, which the database turns into a
// Result. SQL uses named parameters in the order of the arguments; a result is always read to its end, so no read stays open.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/cell.hpp"

namespace boni::store {

/// What SQLite said. `constraint`: a unique index or a guard refused the change, so it is the caller's conflict and no fault.
struct DatabaseError : std::runtime_error {
    DatabaseError(std::string const& what, bool refused) : std::runtime_error{what}, constraint{refused} {}
    bool constraint;
};

/// The log reaches the database file when it holds so many pages: 16 MiB, so that pages written often get there rarely.
constexpr int log_pages = 4096;
constexpr int page_bytes = 4096;                          ///< SQLite's default

class Session {
  public:
    /// Opens or creates the file: WAL, synchronous=FULL, 5 s busy timeout. A reader cannot write.
    enum class Mode { writer, reader };
    Session(std::filesystem::path const& file, Mode mode);
    ~Session();
    Session(Session const&) = delete;

    /// Runs one statement; the number of rows it changed.
    template <class... Args>
    long long run(std::string const& sql, Args const&... args) {
        return execute(sql, cells_of(args...), {}, nullptr);
    }
    /// As `run`, for a noun's cells (see insert_into).
    long long run_cells(std::string const& sql, std::vector<Cell> cells) { return execute(sql, std::move(cells), {}, nullptr); }

    /// Every row, read as T: a noun with `fields`, or a single value.
    template <class T, class... Args>
    std::vector<T> all(std::string const& sql, Args const&... args) {
        return all_cells<T>(sql, cells_of(args...));
    }
    template <class T>
    std::vector<T> all_cells(std::string const& sql, std::vector<Cell> cells) {
        std::vector<T> out;
        execute(sql, std::move(cells), kinds_of<T>(), [&](std::span<Cell> row) { out.push_back(read_row<T>(row)); });
        return out;
    }
    template <class T, class... Args>
    std::optional<T> one(std::string const& sql, Args const&... args) {
        std::optional<T> out;
        execute(sql, cells_of(args...), kinds_of<T>(), [&](std::span<Cell> row) { if (!out) out = read_row<T>(row); });
        return out;
    }

    /// The same of a noun's columns; `rest` begins with the table: "tenants WHERE id = :id".
    template <class T, class... Args>
    std::vector<T> all_from(std::string_view rest, Args const&... args) {
        return all<T>(select_from<T>(rest), args...);
    }
    template <class T, class... Args>
    std::optional<T> one_from(std::string_view rest, Args const&... args) {
        return one<T>(select_from<T>(rest), args...);
    }

    /// Several statements without parameters, for migrations.
    void script(std::string_view sql);

    bool deliveries_changed = false;                    ///< set by a job: the dispatcher is woken after COMMIT

  private:
    struct Prepared;
    struct Connection;
    long long execute(std::string const& sql, std::vector<Cell> cells, std::vector<Cell::Kind> const& columns,
                      std::function<void(std::span<Cell>)> const& row);
    Prepared& prepared(std::string const& sql, std::vector<Cell> const& cells, std::vector<Cell::Kind> const& columns);
    std::unique_ptr<Connection> connection_;
};

/// What was read by its key. Errc::not_found: "no such " and what it is called.
template <class T>
Result<T> found(std::optional<T> row, std::string const& what) {
    if (!row) return fail(Errc::not_found, "no such " + what);
    return *std::move(row);
}

}  // namespace boni::store
