// The records of calls that have ended, as CSV or JSON lines, streamed: a page of the database is in memory at a time.
#include "admin/operation.hpp"
#include "api/page.hpp"
#include "sip/cause.hpp"

namespace boni::admin {
namespace {

enum class Format { csv, jsonl };

/// One export on its way. Owner: the answer's pieces.
struct Export {
    store::Store& store;
    Format format;
    Instant from;
    Instant until;
    std::vector<TenantId> tenants;                  ///< one after the other; those done are taken off the front
    std::optional<std::pair<Instant, std::string>> after{};
    bool begun = false;
};

/// What became of a call without a word about Q.850 is in the table of causes.
model::Cdr whole(model::Cdr record) {
    auto const cause = from_name<sip::Cause>(record.call.hangup_cause);
    if (!record.q850 && cause) record.q850 = sip::consequence(*cause).q850;
    return record;
}

std::string line(model::Cdr const& record, Format format) {
    return format == Format::csv ? model::cdr_csv_row(record) : model::cdr_json_line(record);
}

/// Empty: that was all.
Task<Result<std::string>> next_piece(std::shared_ptr<Export> out) {
    std::string text;
    if (!std::exchange(out->begun, true) && out->format == Format::csv) text = model::cdr_csv_head();
    while (text.empty() && !out->tenants.empty()) {
        store::CdrFilter filter{.tenant = out->tenants.front(), .after = out->after.value_or(std::pair{out->from, std::string{}}),
                                .until = out->until};
        CO_TRY(auto records, co_await out->store.cdr(filter));
        for (auto& record : records) text += line(whole(record), out->format);
        if (records.size() == filter.limit) {
            out->after.emplace(records.back().call.started_at, records.back().call.id.str());
        } else {
            out->after.reset();
            out->tenants.erase(out->tenants.begin());
        }
    }
    co_return text;
}

/// `format` counts before Accept; without either it is JSON lines.
Result<Format> format_of(http::Request const& request) {
    TRY(auto const format, api::parameter_of(request, "format"));
    if (format && *format != "csv" && *format != "jsonl") return wrong("format", "must be csv or jsonl");
    if (format) return *format == "csv" ? Format::csv : Format::jsonl;
    auto const accept = request.headers.get("Accept");
    return accept && accept->find("text/csv") != accept->npos ? Format::csv : Format::jsonl;
}

/// Whole days in India, from the first of the month to today unless said otherwise.
Result<std::pair<Instant, Instant>> days_of(Asked const& asked) {
    TRY(auto const first, api::day_of(asked.request, "from"));
    TRY(auto const last, api::day_of(asked.request, "to"));
    auto const today = ist_midnight(asked.now);
    TRY(auto const month, ist_day_start(ist_date(last.value_or(today)).substr(0, 8) + "01"));
    auto const from = first.value_or(month);
    auto const to = last.value_or(today);
    CHECK_OK(api::check_days(from, to));
    return std::pair{from, to + std::chrono::days{1}};
}

Task<Result<Answer>> export_cdr(Asked& asked) {
    CO_TRY(auto const format, format_of(asked.request));
    CO_TRY(auto const days, days_of(asked));
    CO_TRY(auto const word, api::parameter_of(asked.request, "tenant"));
    std::vector<TenantId> tenants;
    if (word) {
        CO_TRY(auto const tenant, co_await tenant_called(asked, *word));
        tenants.push_back(tenant.id);
    } else {
        CO_TRY(auto const everybody, co_await asked.services.store.tenants());
        for (auto const& tenant : everybody) tenants.push_back(tenant.id);
    }
    auto const out = std::make_shared<Export>(Export{asked.services.store, format, days.first, days.second, std::move(tenants)});
    auto const csv = format == Format::csv;
    http::Response response{.headers = {{"Content-Type", csv ? "text/csv; charset=utf-8; header=present" : "application/jsonl"}}};
    response.headers.set("Content-Disposition", std::string{"attachment; filename=\"cdr-"} + ist_date(days.first) + "-" +
                                                    ist_date(days.second - std::chrono::hours{1}) + (csv ? ".csv\"" : ".jsonl\""));
    response.pieces = http::Pieces{.bytes = std::nullopt, .next = [out] { return next_piece(out); }};
    co_return Answer{.whole = std::move(response)};
}

constexpr std::size_t legs_at_once = 500;

/// Walks the chain from the oldest record that is kept to the one that was the last when it was asked. 409 "chain_broken" tells where.
Task<Result<Answer>> check_chain(Asked& asked) {
    auto const broken = [](std::string why) { return fail(Errc::conflict, "the chain of records is broken: " + why, {}, "chain_broken"); };
    CO_TRY(auto const end, co_await asked.services.store.cdr_head());
    model::CdrHead at{.node = end.node, .sequence = end.kept_from - 1};
    for (auto first = true; at.sequence < end.sequence;) {
        CO_TRY(auto const legs, co_await asked.services.store.cdr_legs(at.sequence, legs_at_once));
        if (legs.empty()) co_return broken("record " + std::to_string(at.sequence + 1) + " is missing");
        for (auto const& leg : legs) {
            if (std::exchange(first, false) && leg.sequence == end.kept_from) at = model::head_before(leg);
            if (auto const follows = model::check_leg(leg, at); !follows) co_return broken(follows.error().what);
            at.sequence = leg.sequence;
            at.hash = leg.hash;
            if (at.sequence == end.sequence) break;
        }
    }
    if (end.kept_from <= end.sequence && at.hash != end.hash) co_return broken("the last record is not the last that was written");
    co_return Answer{.body = json::object{{"intact", true}, {"node", end.node}, {"records", end.sequence + 1 - end.kept_from},
                                          {"first", end.kept_from}, {"last", end.sequence}, {"hash", end.hash}}};
}

}  // namespace

std::span<Operation const> cdr_operations() {
    static constexpr Operation operations[] = {{"GET", "/v1/cdr", export_cdr, "tenant from to format"}, {"GET", "/v1/cdr/check", check_chain}};
    return operations;
}

}  // namespace boni::admin
