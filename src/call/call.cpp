#include "call/call.hpp"

#include "base/cancelled.hpp"
#include "base/log.hpp"
#include "call/events.hpp"
#include "call/figures.hpp"
#include "call/leg_facts.hpp"
#include "call/route.hpp"

namespace boni::call {
namespace {

using namespace asio::experimental::awaitable_operators;

model::Call row_of(sip::Incoming const& incoming, store::Inbound const& inbound, Instant now) {
    model::Call row{.id = CallId::fresh(now), .tenant = inbound.tenant.id, .number = inbound.number.id};
    if (inbound.route) row.route = inbound.route->id;
    if (inbound.route && inbound.route->metadata) row.metadata = *inbound.route->metadata;
    row.from = incoming.calling.value;
    row.to = inbound.number.phone_number;
    row.started_at = now;
    row.sip_call_id = incoming.call_id;
    row.test = inbound.tenant.test;
    return row;
}

double seconds(Steady from, Steady to) { return std::chrono::duration<double>(to - from).count(); }

constexpr auto metered_every = 1min;
constexpr int terminal_tries_max = 4;
constexpr std::chrono::milliseconds write_pause_first = 250ms, write_pause_max = 10s;

}  // namespace

Call::Call(Calls& calls, sip::Incoming incoming, store::Inbound inbound)
    : calls_{calls}, incoming_{std::move(incoming)}, inbound_{std::move(inbound)},
      record_{calls.services(), calls.observer(), row_of(incoming_, inbound_, calls.services().clock.now()),
              inbound_.route},
      leg_{calls.services().sip, calls.services().media, calls.services().control, incoming_,
           [this](LegSignal signal) { on_leg(std::move(signal)); }},
      plays_{std::make_shared<Plays>(calls.services().control)}, digits_{calls.services().control},
      streams_{*this, calls.services().control}, recordings_{*this, calls.services().control},
      over_{calls.services().control}, metering_{calls.services().control}, length_{calls.services().control},
      action_changed_{calls.services().control} {}

Call::~Call() = default;

Task<> Call::run(std::optional<Ending> refused) {
    auto const self = shared_from_this();
    figures::Active const counted{row().direction, row().channel};
    co_await begin(std::move(refused));
    if (!ending_) co_await (live() || until_ended());
    co_await finish();
}

Task<> Call::settled() {
    co_await streams_.settled();
    co_await recordings_.settled();
}

/// 180 goes out before anything is written; what is asked of the customer's server waits for the commit, in a crowd with the others.
Task<> Call::begin(std::optional<Ending> refused) {
    if (!refused) {
        if (auto const usable = leg_.check_offer(); !usable) refused = ending::incompatible(usable.error().what);
    }
    if (refused) end(std::move(*refused));
    store::Commit first{.soon = calls_.crowded()};
    record_.add_event(first, "call.inbound.received", events::received(incoming_, row()), events::sip_answer(0));
    if (!ending_) {
        leg_.ring();
        record_.row.status = model::CallStatus::ringing;
        figures::setup_ringing().Observe(seconds(incoming_.received_at, services().clock.steady()));
        record_.add_event(first, "call.ringing", events::ringing_caller(), events::sip_answer(180));
    }
    first.leg = leg_facts();
    auto const stored = co_await record_.save(std::move(first));
    if (stored) co_return;
    calls_.unwritten();
    end(ending::unwritten("the call could not be written: " + stored.error().what, Calls::retry_after()));
}

/// What escapes a target is our fault and ends the call; being cancelled is the way every ending takes it away.
Task<> Call::live() {
    try {
        co_await follow_route(*this);
    } catch (std::exception const& error) {
        if (was_cancelled(std::current_exception())) throw;   // the call ended
        log_error("call", error.what(), {{"call_id", row().id.str()}});
        end(ending::internal(error.what()));
    }
    if (!ending_) end(ending::target_done());
}

/// The terminal event, with everything that was still open: one transaction.
Task<> Call::finish() {
    auto const quality = co_await leg_.close_media();
    if (answer_untold_ && !co_await leg_.until_accepted()) never_answered();
    auto& row = record_.row;
    row.status = status_of(*ending_, answered());
    row.hangup_cause = name(ending_->cause);
    row.hangup_by = ending_->by;
    store::Commit last{.soon = true};
    for (auto& [id, action] : open_) {   // what still runs is cancelled or about to be
        action.status = model::ActionStatus::failed;
        action.message = "call_ended";
        record_.add_note(last, "action.failed", {{"actionId", id}, {"action", action.name}, {"message", "call_ended"}});
        last.actions.push_back(action);
    }
    open_.clear();
    if (quality) {
        auto detail = quality_detail(*quality);
        if (auto course = leg_.mos().to_json(); !course.empty()) {
            detail["mosEverySeconds"] = leg_.mos().every().count();
            detail["mosSeries"] = std::move(course);
        }
        record_.add_note(last, "media.quality", std::move(detail));
    }
    if (quality && quality->mos > 0) figures::mos().Observe(quality->mos);
    figures::ended(row);
    if (!record_.stored()) co_return;   // nobody was ever told of it; the log has the reason
    last.metered = used();
    record_.add_usage(last);
    last.leg = leg_facts(quality);
    auto const detail = events::ended(row, *ending_, target_, target_index_);
    auto const beside = events::sip_end(*ending_, answered());
    if (auto const* const message = json::find(beside, "sip")) last.leg["lastMessage"] = *message;
    co_await until_written([&] {
        auto commit = last;
        if (answer_untold_ && answered()) record_.add_event(commit, "call.answered", *answer_untold_, events::sip_answer(200));
        record_.add_event(commit, std::string{event_of(row.status)}, detail, beside);
        return record_.save(std::move(commit));
    }, terminal_tries_max);
}

json::object Call::leg_facts(std::optional<media::Quality> quality) const {
    constexpr int ok = 200;
    LegFacts facts{.incoming = incoming_, .channel = row().channel, .called = number().phone_number, .media = leg_.media(), .early_at = early_at_,
                   .quality = quality, .digits = {}};
    if (answered()) facts.sip_status = ok;
    else if (ending_) facts.sip_status = ending_->sip_status;
    if (model::terminal(row().status)) facts.digits = digits_pressed_;
    return to_json(facts);
}

// --- the caller -------------------------------------------------------------------------------------------------------------

/// The 200 leaves before its event is written, and what the caller shall hear does not wait for it: the caller pays for every millisecond of
/// silence, the customer does not. One that a CANCEL overtakes never leaves, and was no answer.
Task<Result<>> Call::open_media(Answering answering, std::string by) {
    if (ending_) co_return fail(Errc::conflict, "the call is over", {}, "call_not_active");
    if (answered()) co_return Result<>{};
    if (answering != Answering::automatic) {
        auto early = leg_.early_media();
        if (!early) co_return fail(early.error().code, "no_media");
        if (!early_at_) {
            early_at_ = record_.now();
            note("media.early", events::sip_answer(183));
        }
        co_return Result<>{};
    }
    if (auto const sent = leg_.answer(); !sent) {
        auto const& error = sent.error();
        if (error.code == Errc::unavailable)
            log_warning("call", "a call was refused, as its audio has no place: " + error.what, {{"call_id", row().id.str()}});
        end(error.code == Errc::unavailable ? ending::no_media(error.what, Calls::retry_after()) : ending::incompatible(error.what));
        co_return std::unexpected(error);
    }
    auto& row = record_.row;
    row.status = model::CallStatus::answered;
    row.answered_at = record_.now();
    watch_length();
    keep_metering();
    auto const rang = double(unix_ms(*row.answered_at) - unix_ms(row.started_at)) / 1000.0;
    answer_untold_ = events::answered(row, by, rang);
    auto const accepted = co_await leg_.until_accepted();
    if (!accepted || ending_) co_return fail(Errc::conflict, "the call is over", {}, "call_not_active");
    store::Commit commit{.soon = true};
    record_.add_event(commit, "call.answered", *std::exchange(answer_untold_, {}), events::sip_answer(200));
    commit.leg = leg_facts();
    spawn(services().control, "call", tell_answered(shared_from_this(), std::move(commit)));
    if (inbound_.route && inbound_.route->records()) spawn(services().control, "recording", record_as_routed(shared_from_this()));
    co_return Result<>{};
}

Task<> Call::tell_answered(std::shared_ptr<Call> call, store::Commit commit) {
    if (!co_await call->record_.save(std::move(commit))) call->end(ending::internal("the answer could not be written"));
}

/// A plan that has lost the feature since the route was saved does not record, and the timeline says so. A failure is told by `recordings`.
Task<> Call::record_as_routed(std::shared_ptr<Call> call) {
    if (!call->tenant().feature("recording")) {
        call->note("recording.failed", {{"reason", "feature_not_enabled"}});
        co_return;
    }
    (void)co_await call->recordings_.start({});
}

/// The session was over before our 200. A hang-up of ours, meant as a BYE, was a refusal then.
void Call::never_answered() {
    answer_untold_.reset();
    record_.row.answered_at.reset();
    record_.row.status = model::CallStatus::ringing;
    if (!ending_ || ending_->signalled) return;
    if (ending_->cause == sip::Cause::normal) ending_->cause = sip::Cause::no_answer;
    ending_->sip_status = refusal_status(*ending_);
}

void Call::watch_length() {
    length_.expires_after(std::chrono::milliseconds{std::int64_t(tenant().limit("max_call_seconds") * 1000)});
    length_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        if (auto const self = weak.lock(); self && !cancelled) self->end(ending::max_duration());
    });
}

/// Counters move while the call does (api-semantics 11).
void Call::keep_metering() {
    metering_.expires_after(metered_every);
    metering_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        auto const self = weak.lock();
        if (!self || cancelled || self->ending_) return;
        self->record_.write_usage(self->used());
        self->keep_metering();
    });
}

std::function<void(std::int64_t)> Call::speech_counter() {
    return [weak = weak_from_this()](std::int64_t characters) {
        if (auto const self = weak.lock()) self->characters_spoken_ += characters;
    };
}

std::vector<model::Metered> Call::used() const {
    std::vector<model::Metered> out;
    if (auto streams = streams_.used(); streams.quantity > 0) out.push_back(streams);
    if (auto recordings = recordings_.used(); recordings.quantity > 0) out.push_back(recordings);
    if (characters_spoken_ > 0) out.push_back({"tts_characters", characters_spoken_});
    return out;
}

void Call::on_leg(LegSignal signal) {
    if (auto* const ended = std::get_if<leg_signal::Ended>(&signal)) {
        if (!ending_ && answer_untold_ && !ended->ending.answered) never_answered();   // before anybody asks `answered()`
        return end(ending::session_over(ended->ending));
    }
    if (ending_) return;
    if (auto* const digit = std::get_if<leg_signal::Digit>(&signal)) {
        ++digits_pressed_;
        digits_.push(digit->key, digit->at);
        streams_.digit(digit->key);
    }
    else if (auto* const key = std::get_if<leg_signal::KeyHeld>(&signal)) digits_.held(key->held);
    else if (auto* const lost = std::get_if<leg_signal::MediaLost>(&signal)) end(ending::media_timeout(lost->silent));
    else if (auto* const failed = std::get_if<leg_signal::MediaFailed>(&signal)) end(ending::internal("media: " + failed->why));
    else if (auto* const bad = std::get_if<leg_signal::Incompatible>(&signal)) end(ending::incompatible(bad->why));
    else if (auto* const flag = std::get_if<leg_signal::Flag>(&signal)) note("media.flag", {{"flag", flag->name}});
    else if (std::holds_alternative<leg_signal::FirstPacket>(signal)) note("media.first_packet", {});
}

// --- telling ----------------------------------------------------------------------------------------------------------------

Task<Result<>> Call::tell(std::string type, json::object extra, store::Commit with) {
    record_.add_event(with, std::move(type), std::move(extra));
    return record_.save(std::move(with));
}

Task<Result<>> Call::keep(std::string row, json::object detail, store::Commit with) {
    record_.add_note(with, std::move(row), std::move(detail));
    return record_.save(std::move(with));
}

Task<> Call::until_written(std::function<Task<Result<>>()> write, int tries) {
    auto pause = write_pause_first;
    for (int attempt = 1;; ++attempt) {
        auto const written = co_await write();
        auto const patient = !written && written.error().code == Errc::unavailable && !calls_.draining();
        if (written || (!patient && attempt >= tries)) co_return;
        co_await wait_for(pause);
        pause = std::min(pause * 2, write_pause_max);
    }
}

void Call::merge_metadata(json::object const& metadata) { json::merge(record_.row.metadata, metadata); }

void Call::arrived(std::string target, std::size_t index) {
    target_ = std::move(target);
    target_index_ = index;
}

void Call::asked() {
    if (std::exchange(asked_, true)) return;
    figures::setup_control_request().Observe(seconds(incoming_.received_at, services().clock.steady()));
}

// --- the end ----------------------------------------------------------------------------------------------------------------

void Call::end(Ending ending) {
    if (ending_) return;
    ending_ = std::move(ending);
    if (answered() && !ending_->signalled) ending_->sip_status = 0;   // it is a BYE, whatever was meant
    leg_.end(*ending_, answered());
    streams_.stop({}, ending_->cause == sip::Cause::draining ? "shutdown" : "call_ended");
    if (end_asked_at_) figures::hang_up().Observe(seconds(*end_asked_at_, services().clock.steady()));
    record_.row.ended_at = record_.now();
    over_.ring();
    length_.cancel();
    metering_.cancel();
    action_changed_.ring();
}

Task<> Call::until_ended() {
    while (!ending_) co_await over_.rung();
}

}  // namespace boni::call
