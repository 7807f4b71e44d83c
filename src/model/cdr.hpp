// The record of a call that has ended, as it is exported: CSV for people and spreadsheets, JSON lines for programs. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/call.hpp"
#include "model/usage.hpp"

namespace boni::model {

struct Cdr {
    Call call;
    std::optional<Instant> ringing_at;
    std::optional<int> q850;                 ///< as the other end said or was told
    std::string route_status;                ///< of the number, as it is now; empty: the number is gone
    std::vector<UsageTotal> usage;           ///< of this call
};

json::object to_json(Cdr const& record);

/// The names of the columns, and one record, each with its CRLF (RFC 4180).
std::string cdr_csv_head();
std::string cdr_csv_row(Cdr const& record);

/// A field of a CSV row: quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in front; a plain
/// number such as +918040000001 is none.
std::string csv_field(std::string_view text);

}  // namespace boni::model
