// What becomes of a webhook endpoint, and of the deliveries and routes that name it.
#include "support/deliveries_stage.hpp"

using namespace boni;
using model::CallStatus;
using model::DeliveryStatus;
using test::DeliveriesStage;
using test::start;
using test::step;

TEST_CASE("an endpoint is upserted by URL, counted against the plan, and takes its pending deliveries with it") {
    DeliveriesStage db;
    auto endpoint = test::endpoint_row(db.tenant, "https://a.example.com/", {"call.completed"}, start);
    endpoint.secret = std::string("\0sealed", 7);
    auto first = db.ok(db->upsert_endpoint(endpoint, 1));
    CHECK(first.created);
    CHECK(db.token(db->upsert_endpoint(test::endpoint_row(db.tenant, "https://b.example.com/", {}, start), 1)) == "plan_limit_reached");
    auto second = test::endpoint_row(db.tenant, endpoint.url, {"call.failed", "call.completed"}, start + 1s);
    auto const same = db.ok(db->upsert_endpoint(second, 1));
    CHECK(!same.created);
    CHECK(same.endpoint.id == endpoint.id);
    CHECK(same.endpoint.secret == endpoint.secret);
    CHECK(same.endpoint.events == second.events);
    CHECK(same.endpoint.updated_at == start + 1s);

    auto call = test::call_row(db.tenant, start);
    auto late = test::call_row(db.tenant, start);
    db.ok(db->commit(step(call, CallStatus::completed, "call.completed", start)));
    db.ok(db->commit(step(late, CallStatus::completed, "call.completed", start)));
    auto const in_flight = db.lease(endpoint.id, start, 1)[0];
    db.switch_off(endpoint.id, "gone", start + 2s);
    CHECK(db.count(DeliveryStatus::failed) == 2);
    CHECK(db.delivery(in_flight.delivery.id).last_error == "endpoint_disabled");
    db.finish(in_flight, start + 2s, DeliveryStatus::delivered);   // it did arrive
    CHECK(db.delivery(in_flight.delivery.id).status == DeliveryStatus::delivered);
    CHECK(db.ok(db->endpoint(db.tenant.id, endpoint.id)).disabled_reason == "gone");

    db.ok(db->upsert_endpoint(second, 1));
    auto const on = db.ok(db->endpoint(db.tenant.id, endpoint.id));
    CHECK(on.enabled);
    CHECK(on.disabled_reason.empty());
    CHECK(!on.disabled_at);
    CHECK(db.count(DeliveryStatus::failed) == 1);        // stays failed until replayed
    db.ok(db->change_endpoint(db.tenant.id, endpoint.id, [](model::WebhookEndpoint& one) -> Result<> {
        one.single_signature = true;
        return {};
    }));
    CHECK(db.ok(db->endpoints(db.tenant.id))[0].single_signature);
    db.ok(db->delete_endpoint(db.tenant.id, endpoint.id, start));
    CHECK(db.token(db->endpoint(db.tenant.id, endpoint.id)) == "not_found");
}

TEST_CASE("what the operator changes of an endpoint undoes nothing of what its tenant saved meanwhile") {
    DeliveriesStage db;
    auto const read = db.endpoint("https://a.example.com/", {"call.completed"});   // by the operator
    auto saved = read;
    saved.events = {"call.failed"};
    saved.enabled = false;
    db.ok(db->upsert_endpoint(saved, 1));
    auto const changed = db.ok(db->change_endpoint(db.tenant.id, read.id, [](model::WebhookEndpoint& one) -> Result<> {
        one.single_signature = true;
        return {};
    }));
    CHECK(changed.events == saved.events);
    CHECK_FALSE(changed.enabled);
    CHECK(db.ok(db->endpoint(db.tenant.id, read.id)).single_signature);
    CHECK(db.token(db->change_endpoint(db.tenant.id, read.id, [](model::WebhookEndpoint& one) -> Result<> {
        one.single_signature = false;
        return fail(Errc::conflict, "no", {}, "rotation_in_progress");
    })) == "rotation_in_progress");
    CHECK(db.ok(db->endpoint(db.tenant.id, read.id)).single_signature);
    CHECK(db.token(db->change_endpoint(TenantId::from("ten_x"), read.id, [](model::WebhookEndpoint&) -> Result<> { return {}; })) == "not_found");
}

TEST_CASE("an endpoint that was removed while a route was on its way is named by none") {
    DeliveriesStage db;
    auto const gone = db.endpoint("https://a.example.com/", {"call.completed"});
    auto const events = json::object{{"webhookEndpointId", gone.id.str()}};
    auto number = test::number_row(db.tenant, "+918040000021", start), whatsapp = test::number_row(db.tenant, "+918050000023", start);
    whatsapp.type = model::NumberType::whatsapp_calling;
    for (auto const& one : {number, whatsapp}) db.ok(db->create_number(one));
    db.ok(db->delete_endpoint(db.tenant.id, gone.id, start));
    CHECK(db.token(db->save_route({.id = RouteId::fresh(start), .number = number.id, .tenant = db.tenant.id,
                                   .primary = {"hangup", {{"type", "hangup"}}},
                                   .events = events})) == "unknown_reference");
    CHECK_FALSE(db.ok(db->route(db.tenant.id, number.id)));
    CHECK(db.token(db->change_whatsapp(db.tenant.id, whatsapp.id, [&](store::WhatsAppChange& change) -> Result<> {
        change.known.calling.default_route = json::object{{"events", events}};
        return {};
    })) == "unknown_reference");
    CHECK_FALSE(db.ok(db->whatsapp_number(db.tenant.id, whatsapp.id)).calling.default_route);
}

TEST_CASE("an endpoint that is removed leaves the routes that name it, and no others") {
    DeliveriesStage db;
    auto const gone = db.endpoint("https://a.example.com/", {"call.completed"});
    auto const kept = db.endpoint("https://b.example.com/", {"call.completed"});
    auto const route_to = [&](std::string phone, EndpointId const& endpoint) {
        auto const number = test::number_row(db.tenant, std::move(phone), start);
        db.ok(db->create_number(number));
        db.ok(db->save_route({.id = RouteId::fresh(start), .number = number.id, .tenant = db.tenant.id, .primary = {"hangup", {{"type", "hangup"}}},
                              .events = json::object{{"webhookEndpointId", endpoint.str()}, {"subscribedEvents", json::array{"call.failed"}}}}));
        return number.id;
    };
    auto const left = route_to("+918040000021", gone.id), stays = route_to("+918040000022", kept.id);
    db.ok(db->delete_endpoint(db.tenant.id, gone.id, start));
    CHECK(db.ok(db->route(db.tenant.id, left))->events == json::object{{"subscribedEvents", json::array{"call.failed"}}});
    CHECK(db.ok(db->route(db.tenant.id, stays))->webhook_endpoint() == kept.id);
}

TEST_CASE("an endpoint that is removed leaves the route that waits for WhatsApp Calling") {
    DeliveriesStage db;
    auto const gone = db.endpoint("https://a.example.com/", {"call.completed"});
    auto number = test::number_row(db.tenant, "+918050000023", start);
    number.type = model::NumberType::whatsapp_calling;
    db.ok(db->create_number(number));
    json::object const told{{"webhookEndpointId", gone.id.str()}, {"subscribedEvents", json::array{"call.failed"}}};
    db.ok(db->change_whatsapp(db.tenant.id, number.id, [told](store::WhatsAppChange& change) -> Result<> {
        change.known.calling.default_route = json::object{{"events", told}};
        return {};
    }));
    db.ok(db->delete_endpoint(db.tenant.id, gone.id, start));
    auto const route = db.ok(db->whatsapp_number(db.tenant.id, number.id)).calling.default_route;
    CHECK(route == json::object{{"events", {{"subscribedEvents", json::array{"call.failed"}}}}});
}
