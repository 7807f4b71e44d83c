// The record of a call that has ended, as it is exported: CSV for people and spreadsheets, JSON lines for programs. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/call.hpp"
#include "model/usage.hpp"

namespace boni::model {

/// The record of one leg, written once when its call ended (sip.md 8).
struct CdrLeg {
    std::int64_t sequence = 0;               ///< of the node, from 1, without gaps
    std::string record;                      ///< canonical JSON; `hash` is of these bytes
    std::string hash;                        ///< SHA-256, hex; the next record holds it as `prevHash`
};

/// Where the chain of a node's records ends.
struct CdrHead {
    std::string node;
    std::int64_t sequence = 0;               ///< of the last record
    std::string hash;                        ///< its hash; of zeros before the first
    std::int64_t kept_from = 1;              ///< the oldest record that is still kept; `sequence` + 1: none is
};

struct Cdr {
    Call call;
    std::optional<Instant> ringing_at{};
    std::optional<int> q850{};               ///< as the other end said or was told
    std::string route_status{};              ///< of the number, as it is now; empty: the number is gone
    std::vector<UsageTotal> usage{};         ///< of this call
    std::vector<CdrLeg> legs{};              ///< none for a call that ended before records were chained
};

/// The next record of the chain that ends in `head`: times, causes and parties of the call, `facts` of its leg.
std::string leg_record(Cdr const& record, int leg, json::object facts, CdrHead const& head);
/// Is this `leg` the one that follows `head`? Errc::invalid says what is wrong with it.
Result<> check_leg(CdrLeg const& leg, CdrHead const& head);
/// What `leg` says of the record before it, which is no longer kept.
CdrHead head_before(CdrLeg const& leg);

json::object to_json(Cdr const& record);
/// One line of JSON with its line break; the records of the legs are in it byte by byte.
std::string cdr_json_line(Cdr const& record);

/// The names of the columns, and one record, each with its CRLF (RFC 4180).
std::string cdr_csv_head();
std::string cdr_csv_row(Cdr const& record);

/// A field of a CSV row: quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in front; a plain
/// number such as +918040000001 is none.
std::string csv_field(std::string_view text);

}  // namespace boni::model
