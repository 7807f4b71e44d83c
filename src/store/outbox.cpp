#include "store/outbox.hpp"

#include "store/nouns.hpp"

namespace boni::store {

namespace {

struct Recipient {
    EndpointId id;
    std::vector<std::string> events;
};
template <class V>
void fields(V& v, Recipient& r) {
    v("id", r.id), v("events_json", r.events);
}

bool contains(std::vector<std::string> const& list, std::string_view word) { return std::ranges::find(list, word) != list.end(); }

bool routed(RouteRecipient const& route, EndpointId const& endpoint, std::string_view type) {
    if (route.endpoint.empty() || endpoint != route.endpoint) return false;
    return route.events ? contains(*route.events, type) : type.starts_with("call.");
}

void insert(Session& db, model::Event const& event) {
    static auto const sql = insert_into<model::Event>("events");
    db.run_cells(sql, cells_for(event));
}

void deliver(Session& db, model::Event const& event, EndpointId const& endpoint, bool wished = false) {
    static auto const sql = insert_into<model::Delivery>("deliveries");
    model::Delivery delivery{.id = DeliveryId::fresh(event.created_at), .event = event.id, .event_type = event.type};
    delivery.endpoint = endpoint;
    delivery.tenant = event.tenant;
    delivery.call = event.call;
    delivery.sequence = event.sequence;
    delivery.created_at = delivery.updated_at = event.created_at;
    delivery.due_at = event.created_at;
    delivery.replay = wished;
    db.run_cells(sql, cells_for(std::move(delivery)));
    db.deliveries_changed = true;
}

}  // namespace

void add_event(Session& db, model::Event event, RouteRecipient const& route) {
    insert(db, event);
    auto const recipients = db.all<Recipient>("SELECT id, events_json FROM endpoints WHERE tenant_id = :tenant AND enabled = 1", event.tenant);
    for (auto const& [endpoint, events] : recipients)
        if (contains(events, event.type) || routed(route, endpoint, event.type) || (!route.also.empty() && endpoint == route.also))
            deliver(db, event, endpoint);
}

void add_test_event(Session& db, model::Event event, EndpointId const& endpoint) {
    event.call = {};
    event.sequence = 0;
    insert(db, event);
    if (db.one<int>("SELECT 1 FROM endpoints WHERE id = :id AND tenant_id = :tenant AND enabled = 1", endpoint, event.tenant))
        deliver(db, event, endpoint, true);
}

}  // namespace boni::store
