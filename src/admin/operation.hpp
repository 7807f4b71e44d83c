// The contract of the operator's operations: each told as read the body, one use case, answer. Thread: control.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "admin/admin.hpp"
#include "admin/body.hpp"
#include "api/page.hpp"
#include "base/json.hpp"
#include "model/tenant.hpp"
#include "store/store.hpp"

namespace boni::admin {

/// Who asks, and from where, in the words of the log.
struct Operator {
    std::string name;                               ///< prefix of the key, or "uid 0"
    KeyId key;                                      ///< empty on the socket
    std::string source;                             ///< "192.0.2.1:50000", "admin socket, pid 4242"
};

/// One request from somebody who may ask. Owner: Admin; it outlives the operation.
struct Asked {
    Admin& admin;
    Services& services;
    http::Request const& request;
    Operator who;
    std::string_view operation;                     ///< "PATCH /v1/tenants/{tenant}"
    Instant now{};
    json::object body{};                            ///< {} when absent
    TenantId tenant{};                              ///< it is about; set by `tenant_of`
    bool logged = false;                            ///< `entry` was taken

    /// What the log says of this request, for the use case that does it: they commit together. `subject`: id of what changes.
    model::AuditEntry entry(std::string subject);
    std::string param(std::string_view name) const { return request.params.find(name)->second; }
};

struct Answer {
    int status = 200;
    std::optional<json::value> body;                ///< none: an empty body
    std::string link{};                             ///< value of `Link`; empty: none
    std::optional<http::Response> whole{};          ///< what is no JSON: sent as it is, instead of all that
};

struct Operation {
    std::string_view method;
    std::string_view path;                          ///< "/v1/tenants/{tenant}"
    Task<Result<Answer>> (*run)(Asked& asked);
    std::string_view parameters{};                  ///< its query may have, with blanks between them
};
/// Of a list.
inline constexpr std::string_view page_parameters = "limit cursor";

std::span<Operation const> tenant_operations();
std::span<Operation const> key_operations();
std::span<Operation const> number_operations();
std::span<Operation const> route_operations();
std::span<Operation const> number_request_operations();
std::span<Operation const> whatsapp_operations();
std::span<Operation const> price_operations();
std::span<Operation const> trunk_operations();
std::span<Operation const> webhook_operations();
std::span<Operation const> audit_operations();
std::span<Operation const> team_operations();
std::span<Operation const> cdr_operations();
std::span<Operation const> ladder_operations();

/// The tenant of the path's {tenant}: an id or its short name.
Task<Result<model::Tenant>> tenant_of(Asked& asked);
/// The same for a word from elsewhere.
Task<Result<model::Tenant>> tenant_called(Asked& asked, std::string word);

/// The number of the path's {number}: an id or the phone number itself.
Task<Result<model::Number>> number_of(Asked& asked, TenantId tenant);

/// What Admin::apply_trunks does.
Task<Result<>> apply_trunks(Services& services);

/// What a customer is told about a number that changed, if anything (events-and-webhooks 2); `reason` of a suspension.
std::optional<model::Event> number_event(model::Number const& before, model::Number const& after, std::string const& reason, Instant now);
/// Once it is committed: for `boni dev --json`.
void tell(Asked const& asked, std::optional<model::Event> const& event);
/// "+918040000001" as it must be written to make a number.
Result<std::string> phone_of(json::object const& body);

/// {"data": [...]}.
Answer list(json::array rows);
/// The same of one page, with `nextCursor` and `Link` when `next` says that there are more.
Answer page_answer(api::Listing const& listing, json::array rows, std::optional<api::Position> const& next);
/// How the pages of an operator's list are asked for: `limit` (20) and `cursor`; with `filters` where its rows are chosen.
api::Listing listing_of(Asked const& asked, api::Filters filters = {});
/// The page that is asked for, oldest first, of rows that are few enough to be read at once; `shown` tells one as JSON.
template <class Row, class Shown, class Place = api::ByCreation>
Result<Answer> page_of_few(Asked const& asked, std::vector<Row> all, Shown shown, Place position = {}) {
    auto const listing = listing_of(asked);
    TRY(auto const limit, api::limit_of(asked.request, 20));
    TRY(auto const after, api::cursor_of(listing));
    auto const page = api::page_of(std::move(all), api::Order::oldest_first, after, limit, position);
    json::array rows;
    for (auto const& row : page.rows) rows.push_back(shown(row));
    return page_answer(listing, std::move(rows), page.next);
}

/// The same of rows that are too many: `read` asks the store for those behind a position, at most so many.
template <class Read, class Shown, class Place = api::ByCreation>
Task<Result<Answer>> page_of_many(Asked& asked, Read read, Shown shown, Place position = {}) {
    auto const listing = listing_of(asked);
    CO_TRY(auto const limit, api::limit_of(asked.request, 20));
    CO_TRY(auto const after, api::cursor_of(listing));
    CO_TRY(auto rows, co_await read(after, limit + 1));   // one more tells whether there is a next page
    std::optional<api::Position> next;
    if (rows.size() > limit) {
        rows.resize(limit);
        next = position(rows.back());
    }
    json::array all;
    for (auto const& row : rows) all.push_back(shown(row));
    co_return page_answer(listing, std::move(all), next);
}

}  // namespace boni::admin
