#include "store/metering.hpp"

#include <map>

#include "store/database.hpp"
#include "store/outbox.hpp"

namespace boni::store {

namespace {

struct Row {
    std::int64_t quantity = 0;
    std::int64_t billable = 0;
    std::int64_t charge = 0;
};
template <class V>
void fields(V& v, Row& r) {
    v("quantity", r.quantity), v("billable", r.billable), v("charge", r.charge);
}

/// What one tenant used of one thing in one month, and how much of that it was told.
struct Month {
    TenantId tenant;
    std::string month;
    std::string type;
    std::int64_t quantity = 0;
    std::int64_t included = 0;
    std::int64_t told_percent = 0;
};
template <class V>
void fields(V& v, Month& m) {
    v("tenant_id", m.tenant), v("month", m.month), v("event_type", m.type), v("quantity", m.quantity), v("included", m.included);
    v("told_percent", m.told_percent);
}

/// Bytes of a tenant's recordings.
struct Kept {
    TenantId tenant;
    std::int64_t bytes = 0;
};
template <class V>
void fields(V& v, Kept& k) {
    v("tenant_id", k.tenant), v("bytes", k.bytes);
}
/// What is still there, from an index that has all of it, and the little that was removed since.
constexpr auto kept_at = "SELECT tenant_id, SUM(bytes) FROM ("
                         "SELECT tenant_id, SUM(bytes) AS bytes FROM recordings WHERE finished_at IS NOT NULL AND removed_at IS NULL "
                         "AND created_at <= :at GROUP BY tenant_id UNION ALL "
                         "SELECT tenant_id, bytes FROM recordings WHERE finished_at IS NOT NULL AND removed_at > :at AND created_at <= :at"
                         ") GROUP BY tenant_id";

/// The card of the tenant's plan at that time; a plan without one costs nothing.
model::PriceCard card_of(Session& db, TenantId const& tenant, Instant at) {
    static auto const sql = select_from<model::PriceCard>("price_cards WHERE plan = (SELECT plan FROM tenants WHERE id = :tenant) "
                            "AND valid_from <= :at ORDER BY valid_from DESC, version DESC LIMIT 1");
    return db.one<model::PriceCard>(sql, tenant, at).value_or(model::PriceCard{});
}

/// Micro-rupees, half up. Whole units and the rest apart, so that no product is larger than what comes out.
std::int64_t charge_of(std::int64_t billable, std::int64_t micro_inr, std::int64_t per_unit) {
    return billable / per_unit * micro_inr + (billable % per_unit * micro_inr + per_unit / 2) / per_unit;
}

/// 80 or 100 once so much of the plan's allowance is used.
std::int64_t percent_of(Month const& month) {
    if (month.included <= 0 || month.quantity * 100 < month.included * 80) return 0;
    return month.quantity >= month.included ? 100 : 80;
}

json::array rows_of(std::vector<model::UsageTotal> const& totals, std::span<Month const> months) {
    json::array rows;
    for (auto const& total : totals)
        if (std::ranges::find(months, total.type, &Month::type) != months.end()) rows.push_back(model::to_json(total));
    return rows;
}

/// First and last instant of its month that there have been; at least the first.
std::pair<Instant, Instant> span_of(Month const& month, Instant now) {
    auto const from = ist_day_start(month.month + "-01").value_or(now);
    auto const next = ist_day_start(ist_date(from + std::chrono::days{32}).substr(0, 8) + "01").value_or(now);   // the first of the month after
    return {from, std::clamp(now, from, next - 1us)};
}

/// What the plan includes may be another since: the last row was counted with the card of its call.
void take_allowances(Session& db, std::span<Month> months, Instant now) {
    for (auto& month : months)
        if (auto const* const type = model::find_usage_type(month.type))
            month.included = card_of(db, month.tenant, span_of(month, now).second).price(*type).included;
}

/// One event for what changed, and one for each allowance that passed 80 or 100 %.
std::vector<model::Event> news(Session& db, std::span<Month const> months, Instant now) {
    auto const& [tenant, month] = std::tie(months.front().tenant, months.front().month);
    auto const [from, last] = span_of(months.front(), now);
    auto const totals = usage_of(db, tenant, from, last + 1us);
    auto const event = [&](json::object more) {
        more["window"] = json::object{{"from", month + "-01"}, {"to", ist_date(last)}};
        return model::make_event(tenant, "usage.updated", std::move(more), now);
    };
    std::vector<model::Event> events{event({{"totals", rows_of(totals, months)}})};
    for (auto const& one : months)
        if (auto const percent = percent_of(one); percent > one.told_percent)
            events.push_back(event({{"totals", rows_of(totals, {&one, 1})}, {"thresholdPercent", percent}, {"eventType", one.type}}));
    return events;
}

}  // namespace

void meter(Session& db, Subject const& subject, model::Metered const& metered, Instant now) {
    auto const& type = *model::find_usage_type(metered.type);
    auto const price = card_of(db, subject.tenant, subject.started_at).price(type);
    auto const name = std::string{type.name};
    auto const quantity = (metered.quantity + price.pulse - 1) / price.pulse * price.pulse;
    auto row = db.one<Row>("SELECT quantity, billable, charge FROM usage WHERE tenant_id = :tenant AND event_type = :type AND subject = :subject",
                           subject.tenant, name, subject.name).value_or(Row{});
    auto const more = quantity - row.quantity;
    if (more <= 0) return;
    auto const month = ist_date(subject.started_at).substr(0, 7);
    auto const used = db.one<std::int64_t>("SELECT quantity FROM usage_months WHERE tenant_id = :tenant AND month = :month AND event_type = :type",
                                           subject.tenant, month, name).value_or(0);
    row.billable += more - std::clamp<std::int64_t>(price.included - used, 0, more);
    auto const charge = charge_of(row.billable, price.micro_inr, type.per_unit);
    db.run("INSERT INTO usage (tenant_id, event_type, subject, started_at, quantity, billable, charge) "
           "VALUES (:tenant, :type, :subject, :started, :quantity, :billable, :charge) ON CONFLICT (tenant_id, event_type, subject) "
           "DO UPDATE SET quantity = excluded.quantity, billable = excluded.billable, charge = excluded.charge",
           subject.tenant, name, subject.name, subject.started_at, quantity, row.billable, charge);
    db.run("INSERT INTO usage_days (tenant_id, day, event_type, quantity, charge) VALUES (:tenant, :day, :type, :quantity, :charge) "
           "ON CONFLICT (tenant_id, day, event_type) DO UPDATE SET quantity = quantity + excluded.quantity, charge = charge + excluded.charge",
           subject.tenant, ist_midnight(subject.started_at), name, more, charge - row.charge);
    db.run("INSERT INTO usage_months (tenant_id, month, event_type, quantity, included, changed_at, told, told_percent) "
           "VALUES (:tenant, :month, :type, :quantity, :included, :now, 0, 0) ON CONFLICT (tenant_id, month, event_type) "
           "DO UPDATE SET quantity = quantity + excluded.quantity, included = excluded.included, changed_at = excluded.changed_at",
           subject.tenant, month, name, more, price.included, now);
}

/// Sums of a million recordings take a while, and a day is counted once: they are the reader's, so that no commit waits for them.
Task<Result<>> Store::meter_day(Instant day_start) {
    CO_TRY(auto kept, co_await database_->read([day_start](Session& db) -> Result<std::vector<Kept>> {
        if (db.one<int>("SELECT 1 FROM counted_days WHERE day = :day", day_start)) return std::vector<Kept>{};
        return db.all<Kept>(kept_at, day_start);
    }));
    co_return co_await database_->write([day_start, kept = std::move(kept)](Session& db) -> Result<> {
        if (db.run("INSERT INTO counted_days (day) VALUES (:day) ON CONFLICT (day) DO NOTHING", day_start) == 0) return {};
        static auto const select = select_from<model::Number>("numbers WHERE status = 'assigned' AND created_at <= :at");
        std::map<TenantId, std::int64_t> assigned;
        for (auto const& number : db.all<model::Number>(select, day_start)) ++assigned[number.tenant];
        for (auto const& [tenant, count] : assigned) meter(db, {tenant, ist_date(day_start), day_start}, {"number_days", count}, day_start);
        for (auto const& [tenant, bytes] : kept)
            meter(db, {tenant, ist_date(day_start), day_start}, {"recording_storage", (bytes + 999) / 1000}, day_start);
        return {};
    });
}

Task<Result<std::vector<model::Event>>> Store::tell_usage(Instant now) {
    return database_->write([now](Session& db) -> Result<std::vector<model::Event>> {
        std::vector<model::Event> events;
        auto all = db.all_from<Month>("usage_months WHERE told < quantity ORDER BY tenant_id, month");
        take_allowances(db, all, now);
        for (auto from = all.begin(); from != all.end();) {
            auto const until = std::find_if(from, all.end(), [&](Month const& m) { return m.tenant != from->tenant || m.month != from->month; });
            for (auto& event : news(db, {from, until}, now)) events.push_back(std::move(event));
            from = until;
        }
        for (auto const& month : all)
            db.run("UPDATE usage_months SET told = quantity, told_percent = :percent "   // less than before when the allowance was raised: the new one is told too
                   "WHERE tenant_id = :tenant AND month = :month AND event_type = :type", percent_of(month), month.tenant, month.month, month.type);
        for (auto const& event : events) add_event(db, event, {});
        return events;
    });
}

}  // namespace boni::store
