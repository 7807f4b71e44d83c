// One page of a list: conditions as they apply, in order of time, ties by id, after the last row of the page before.
// Thread: any; a value.
#pragma once

#include "store/session.hpp"

namespace boni::store {

enum class Order { newest_first, oldest_first };

/// Builds the statement; its texts are few (one per set of filters), so each is prepared once.
class Page {
  public:
    explicit Page(std::string select) : sql_{std::move(select)} {}

    template <class... Args>
    void where(std::string_view condition, Args const&... args) {
        sql_.append(std::exchange(conditions_, true) ? " AND " : " WHERE ").append(condition);
        add(args...);
    }
    /// Word for word, as a partial index has it.
    template <class E>
        requires std::is_enum_v<E>
    void where_word(std::string_view column, E value) {
        where(std::string{column} + " = '" + std::string{name(value)} + '\'');
    }
    /// Keyset on (`column`, id): rows inserted later never shift a page.
    template <class T>
    std::vector<T> read(Session& db, std::string const& column, std::optional<std::pair<Instant, std::string>> const& after, std::size_t limit,
                        Order order = Order::newest_first) {
        auto const falling = order == Order::newest_first;
        if (after) where("(" + column + ", id) " + (falling ? '<' : '>') + " (:after, :after_id)", after->first, after->second);
        auto const* const direction = falling ? " DESC" : "";
        sql_ += " ORDER BY " + column + direction + ", id" + direction + " LIMIT :limit";
        add(limit);
        return db.all_cells<T>(sql_, std::move(cells_));
    }

  private:
    template <class... Args>
    void add(Args const&... args) {
        for (auto& cell : cells_of(args...)) cells_.push_back(std::move(cell));
    }
    std::string sql_;
    std::vector<Cell> cells_;
    bool conditions_ = false;
};

}  // namespace boni::store
