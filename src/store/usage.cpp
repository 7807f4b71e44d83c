// Prices by plan and version, and the sums of what was used. Counting is in metering.cpp.
#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/metering.hpp"

namespace boni::store {

std::vector<model::UsageTotal> usage_of(Session& db, TenantId const& tenant, Instant from, Instant until) {
    auto const sums = db.all<model::UsageTotal>("SELECT event_type, SUM(quantity), SUM(charge) FROM usage_days WHERE tenant_id = :tenant "
                                                "AND day >= :from AND day < :until GROUP BY event_type", tenant, from, until);
    std::vector<model::UsageTotal> out;
    for (auto const& type : model::usage_table())
        for (auto const& sum : sums)
            if (sum.type == type.name && sum.quantity > 0) out.push_back(sum);
    return out;
}

Task<Result<std::vector<model::UsageTotal>>> Store::usage(TenantId tenant, Instant from, Instant until) {
    return database_->read([tenant, from, until](Session& db) -> Result<std::vector<model::UsageTotal>> { return usage_of(db, tenant, from, until); });
}

Task<Result<model::PriceCard>> Store::add_price_card(model::PriceCard card, Audit audit) {
    return database_->write(audited(std::move(audit), [card = std::move(card)](Session& db) -> Result<model::PriceCard> {
        static auto const insert = insert_into<model::PriceCard>("price_cards");
        auto next = card;
        next.version = db.one<int>("SELECT COALESCE(MAX(version), 0) + 1 FROM price_cards WHERE plan = :plan", card.plan).value_or(1);
        db.run_cells(insert, cells_for(next));
        return next;
    }));
}

Task<Result<std::vector<model::PriceCard>>> Store::price_cards() {
    return database_->read([](Session& db) -> Result<std::vector<model::PriceCard>> {
        return db.all_from<model::PriceCard>("price_cards ORDER BY plan, version");
    });
}

}  // namespace boni::store
