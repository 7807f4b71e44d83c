// Lists: `limit`, days in India, and a cursor that says where the next page begins (api-semantics 8). Thread: any; pure.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "api/resource.hpp"

namespace boni::api {

/// Names of the query parameters that choose a list's rows.
using Filters = std::span<std::string_view const>;

/// The last row of the page before: its instant and id.
using Position = std::pair<Instant, std::string>;

/// 1 to 100 in decimal digits, once; 400 otherwise.
Result<std::size_t> limit_of(http::Request const& request, std::size_t otherwise);
/// A declared parameter may come once: 400 otherwise.
Result<std::optional<std::string>> parameter_of(http::Request const& request, std::string_view name);
/// First instant of that day in Asia/Kolkata; 400 for anything but a real date.
Result<std::optional<Instant>> day_of(http::Request const& request, std::string_view name);

/// 422 for a last day before the first, and for more than 366 days.
Result<> check_days(std::optional<Instant> first, std::optional<Instant> last);

/// A list on its way through its pages: what its cursors are bound to, whoever asks.
struct Listing {
    http::Request const& request;
    std::string_view secret;                        ///< signs the cursors
    std::string owner;                              ///< whose list; another's cursor is refused
    std::string public_url;                         ///< before the path in links
    Instant now{};
    Filters filters{};
};
struct NextPage {
    std::string cursor;
    std::string link;                               ///< value of `Link`
};

/// Where the page begins; 400 for a cursor that is forged, over 24 h old, of another owner or of a list with other filters.
Result<std::optional<Position>> cursor_of(Listing const& listing);
NextPage next_page(Listing const& listing, Position const& last);
Result<std::optional<Position>> cursor_of(Asked const& asked, Filters filters);

/// Form of `limit` and `cursor`, for a list without filters.
Result<> check_page(Asked const& asked);

/// {"data": rows, "nextCursor"?} and Link. `next` is the position of the last row when there are more.
Answer page_answer(Asked const& asked, json::array rows, std::optional<Position> const& next, Filters filters);

/// For rows of which one more than `limit` was asked for: cuts that one off; the position of the last one left when there was one.
template <class Row>
std::optional<Position> cut(std::vector<Row>& rows, std::size_t limit, Instant Row::*at) {
    if (rows.size() <= limit) return std::nullopt;
    rows.resize(limit);
    return Position{rows.back().*at, rows.back().id.str()};
}

enum class Order { oldest_first, newest_first };

/// Where a row stands among the others: by its creation, ties by its id.
struct ByCreation {
    template <class Row>
    Position operator()(Row const& row) const {
        return {row.created_at, row.id.str()};
    }
};

/// One page of what is in memory already: `limit` rows after the cursor.
template <class Row>
struct Page {
    std::vector<Row> rows;
    std::optional<Position> next;
};
template <class Row, class Place = ByCreation>
Page<Row> page_of(std::vector<Row> all, Order order, std::optional<Position> const& after, std::size_t limit, Place position = {}) {
    auto const before = [order](Position const& a, Position const& b) { return order == Order::oldest_first ? a < b : b < a; };
    std::ranges::sort(all, before, position);
    Page<Row> page;
    for (auto& row : all) {
        if (after && !before(*after, position(row))) continue;
        if (page.rows.size() == limit) {
            page.next = position(page.rows.back());
            break;
        }
        page.rows.push_back(std::move(row));
    }
    return page;
}

}  // namespace boni::api
