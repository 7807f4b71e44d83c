// One live call: its leg, what is written about it, what it is doing, and its end. It knows no target and no action.
//
// Thread: control, all of it. The control io_context has one thread, so a call needs neither a strand nor a lock; every
// member runs to its next co_await undisturbed. Owner: Calls, and its own tasks while they run (shared_from_this).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/bell.hpp"
#include "call/action.hpp"
#include "call/calls.hpp"
#include "call/digits.hpp"
#include "call/ending.hpp"
#include "call/kept.hpp"
#include "call/leg.hpp"
#include "call/plays.hpp"
#include "call/record.hpp"
#include "call/recordings.hpp"
#include "call/streams.hpp"

namespace boni::call {

class Call : public std::enable_shared_from_this<Call> {
  public:
    Call(Calls& calls, sip::Incoming incoming, store::Inbound inbound);
    ~Call();

    /// The life of a call, top to bottom. `refused`: a limit ended it before it could begin.
    Task<> run(std::optional<Ending> refused);
    /// What goes on beyond it: streams that say goodbye, the file of a recording. Bounded.
    Task<> settled();

    // --- who and what
    model::Call const& row() const { return record_.row; }
    model::Tenant const& tenant() const { return inbound_.tenant; }
    void tenant_changed(model::Tenant tenant) { inbound_.tenant = std::move(tenant); }
    model::Number const& number() const { return inbound_.number; }
    std::optional<model::Route> const& route() const { return inbound_.route; }
    sip::Incoming const& incoming() const { return incoming_; }
    Services& services() const { return calls_.services(); }
    Calls& calls() const { return calls_; }
    CheckContext check_context() const { return {inbound_.tenant, services().policy, row().channel}; }
    bool answered() const { return record_.row.answered_at.has_value(); }
    bool active() const { return !ending_ && !last_word_; }       ///< false: actions are refused with call_not_active
    Kept& kept() { return kept_; }                                ///< what targets remember about this call

    // --- the caller
    /// Makes the caller hear us: answers, or opens early media, as `answering` says.
    /// `by`: the target type or action that needs it.
    Task<Result<>> open_media(Answering answering, std::string by);
    Task<media::Played> play(media::Clip clip, media::PlayOptions options) { return leg_.play(std::move(clip), options); }
    std::shared_ptr<Plays> const& plays() { return plays_; }
    Digits& digits() { return digits_; }
    Streams& streams() { return streams_; }
    Recordings& recordings() { return recordings_; }
    Leg& leg() { return leg_; }

    /// Adds to the characters that were synthesised for it, as long as it lives (api-semantics 11).
    std::function<void(std::int64_t)> speech_counter();

    // --- telling
    void note(std::string event, json::object detail, store::Commit with = {}) { record_.note(std::move(event), std::move(detail), std::move(with)); }
    /// An event of this call, in one transaction `with` what belongs to it; a failure is logged too.
    Task<Result<>> tell(std::string type, json::object extra, store::Commit with = {});
    /// The same with a timeline row instead; on the disk when it returns.
    Task<Result<>> keep(std::string row, json::object detail, store::Commit with = {});
    /// Tries `write` again while the database cannot be written: a full disk has room some time. What else stands against it, or a process that is to
    /// end, gets so many tries; what is given up the next start of the process finds and tells.
    Task<> until_written(std::function<Task<Result<>>()> write, int tries = 1);
    /// Later keys replace earlier ones; the caller has checked the size.
    void merge_metadata(json::object const& metadata);
    void arrived(std::string target, std::size_t index);          ///< at a target: shown in the terminal event
    void asked();                                                 ///< the first request left for a customer's server

    // --- actions
    struct Started { model::Action action; Doing doing; Action const* kind; };
    /// Admits and commits: row, call.action.accepted and the idempotency answer in one transaction. Errc::conflict with the
    /// token that refuses it; Errc::unavailable when it could not be written.
    Task<Result<Started>> accept(Action const& kind, json::object request, std::string origin, Answering answering,
                                 std::optional<store::IdempotencyKey> key = {});
    /// Runs what was accepted to its end, which is also written; returns its final state.
    Task<model::Action> carry_out(Started started);
    void carry_out_beside(Started started);                       ///< the same while the caller of this goes on
    void action_running(model::Action const& action);
    std::uint64_t actions_accepted() const { return actions_accepted_; }
    /// Waits for an action beyond the first `before` that were accepted, at most `limit`, and then for its end.
    Task<std::optional<model::Action>> next_action(std::uint64_t before, std::chrono::steady_clock::duration limit);
    /// No action is accepted while the place lives: the hang-up has the last word.
    std::unique_ptr<Place> last_word();

    // --- the end
    /// The first one counts: SIP is told at once, the rest is written by `run`.
    void end(Ending ending);
    bool ending() const { return ending_.has_value(); }
    Task<> until_ended();

  private:
    class LastWord;
    Task<> begin(std::optional<Ending> refused);
    Task<> live();
    Task<> finish();
    json::object leg_facts(std::optional<media::Quality> quality = {}) const;
    void on_leg(LegSignal signal);
    void never_answered();
    static Task<> tell_answered(std::shared_ptr<Call> call, store::Commit commit);
    static Task<> record_as_routed(std::shared_ptr<Call> call);
    void watch_length();
    void keep_metering();
    std::vector<model::Metered> used() const;                     ///< beside its own time
    void finish_action(model::Action& action, Result<> const& result);

    Calls& calls_;
    sip::Incoming incoming_;
    store::Inbound inbound_;
    Record record_;
    Leg leg_;
    std::shared_ptr<Plays> plays_;                                ///< shared with the turns it gave out
    Digits digits_;
    Streams streams_;
    Recordings recordings_;
    Kept kept_;
    std::unordered_map<std::string, model::Action> open_;         ///< accepted and not finished, by id
    std::optional<Ending> ending_;
    bool last_word_ = false;
    bool asked_ = false;
    std::optional<Steady> end_asked_at_;                          ///< when a hang-up was asked for, until the BYE
    std::optional<json::object> answer_untold_;                   ///< of call.answered, until the 200 has left
    std::optional<Instant> early_at_;                             ///< since when the caller hears us unanswered
    std::int64_t characters_spoken_ = 0;
    std::size_t digits_pressed_ = 0;                              ///< how many; which ones nobody keeps
    std::string target_;
    std::size_t target_index_ = 0;
    Bell over_;                                                   ///< rings with `end`; until_ended waits for it
    asio::steady_timer metering_;                                 ///< every minute from the answer
    asio::steady_timer length_;                                   ///< max_call_seconds, from the answer
    Bell action_changed_;                                         ///< rings when one is accepted or finished, and with the end
    std::uint64_t actions_accepted_ = 0;
    int actions_written_ = 0;                                     ///< being: admitted, and on their way to the disk
    std::optional<model::Action> last_finished_;
};

}  // namespace boni::call
