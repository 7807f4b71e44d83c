// What is written about one call: its row, its events in sequence, its timeline. An event is told exactly when it is on disk.
//
// Thread: control. Owner: Call. Events of one call leave in the order they were added: `save` hands its commit to the store
// before it waits, and the store keeps the order.
#pragma once

#include <functional>
#include <string>

#include "call/calls.hpp"

namespace boni::call {

class Record {
  public:
    /// `observer` outlives it.
    Record(Services& services, std::function<void(Seen const&)> const& observer, model::Call row, std::optional<model::Route> const& route);

    model::Call row;

    /// Adds the event with the next sequence, and its timeline row, which shows `extra`, and beside it what `more` says.
    void add_event(store::Commit& commit, std::string type, json::object extra, json::object more = {});
    void add_note(store::Commit& commit, std::string event, json::object detail);

    /// Writes row and commit in one transaction. On failure nothing of it happened, sequences included, and it is logged.
    Task<Result<>> save(store::Commit commit);
    /// Timeline rows nobody was promised, and what goes with them.
    void note(std::string event, json::object detail, store::Commit with = {});
    /// An action's later state and its row; the same promise.
    void write_action(model::Action action, std::string event, json::object detail);

    /// Counts with `commit` what the call has used until its end, or until now.
    void add_usage(store::Commit& commit) const;
    /// The same for a call that goes on, with `more`; nobody waits for it.
    void write_usage(std::vector<model::Metered> more);

    /// The call's own time: the wall's when this was made, and steady from there on. Whoever sets the wall clock while it talks changes neither how
    /// long it was nor what it costs.
    Instant now() const;
    bool stored() const { return stored_; }          ///< the call row exists
    bool ended() const { return ended_; }            ///< the terminal event is on disk

  private:
    json::object timed(json::object detail) const;
    void tell(store::Commit const& commit);

    Services& services_;
    Instant const made_at_;
    Steady const made_at_steady_;
    std::function<void(Seen const&)> const& observer_;
    EndpointId endpoint_;
    std::optional<std::vector<std::string>> subscribed_;
    bool stored_ = false;
    bool ended_ = false;
};

}  // namespace boni::call
