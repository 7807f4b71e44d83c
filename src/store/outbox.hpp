// An event and its deliveries, written with the change they tell of (events-and-webhooks 3 and 6). Thread: the writer's.
#pragma once

#include "store/session.hpp"
#include "store/store.hpp"

namespace boni::store {

/// Who else receives a call's events: what the route says, and whom a stream or recording named.
struct RouteRecipient {
    EndpointId endpoint;                                    ///< empty: nobody
    std::optional<std::vector<std::string>> events;         ///< none: all call.* types
    EndpointId also;                                        ///< of any event; empty: nobody
};

/// The event row and one pending delivery, due now, per enabled recipient.
/// Throws DatabaseError with `constraint` when the call already has this sequence or a terminal event.
void add_event(Session& db, model::Event event, RouteRecipient const& route);
/// A test event: to that endpoint alone, subscribed or not. It is about a sample call, so it takes no sequence of a real one.
void add_test_event(Session& db, model::Event event, EndpointId const& endpoint);

}  // namespace boni::store
