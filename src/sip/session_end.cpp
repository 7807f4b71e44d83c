// Every way a session ends: hang-up, guard, lost dialog. `end` is the only place that tells Ended, and it does so once.
#include "sip/machine.hpp"

namespace boni::sip {

void Session::Machine::handle(command::Hangup const& hangup) {
    leave({.cause = hangup.cause, .text = hangup.text}, hangup.reason.value_or(reason_of(hangup.cause, hangup.text)));
}

void Session::Machine::give_up(Cause cause, Timer guard) {
    leave({.cause = cause, .guard = name(guard)}, reason_of(cause));
}

void Session::Machine::leave(Ending ending, Reason reason) {
    if (ended_) return;
    if (answered_) return end_by_bye(std::move(ending), std::move(reason));
    if (role_ == Role::uas) {
        auto const status = consequence(ending.cause).refusal;
        if (invite_open_) refuse_invite(status, {.reason = reason});
        ending.sip_status = status;
        ending.ended_by = EndedBy{Method::invite, false, std::move(reason)};
        return end(std::move(ending));
    }
    auto const calling = invite_open_;
    ending.ended_by = EndedBy{Method::cancel, false, reason};
    end(std::move(ending));
    if (!calling) return;
    state_ = State::cancelling;
    bye_reason_ = reason;   // should a 200 cross our CANCEL
    cancel_headers_ = {.reason = std::move(reason)};
    if (provisional_seen_) return send_cancel();
    cancel_wanted_ = true;   // RFC 3261 9.1: not before a provisional response
    after(Timer::no_response, times_.no_response);
}

void Session::Machine::refuse_invite(int status, Headers headers) {
    invite_open_ = false;
    respond(invite_, status, std::move(headers));
}

void Session::Machine::end_by_bye(Ending ending, Reason reason) {
    auto& dialog = *chosen();
    if (question_ && question_->in == AnswerIn::ack) send_ack(dialog, question_->cseq, invite_, {});   // the 200 still wants its ACK
    if (!dialog.bye_sent) ending.ended_by = EndedBy{Method::bye, false, reason};
    bye_reason_ = std::move(reason);
    bye_waits_ = role_ == Role::uas && state_ == State::accepted && accepting_.has_value();
    end(std::move(ending));
    if (!bye_waits_) send_bye(dialog, bye_reason_);
}

void Session::Machine::send_bye(Dialog& dialog, Reason const& reason) {
    if (std::exchange(dialog.bye_sent, true)) return;
    auto const transaction = send(Method::bye, dialog, {.reason = reason});
    after(Timer::bye, times_.transaction, transaction);
}

void Session::Machine::end(Ending ending) {
    if (std::exchange(ended_, true)) return;
    ending.answered = answered_;
    if (ending.q850 == 0) ending.q850 = consequence(ending.cause).q850;   // the peer did not say
    drop_question();   // RFC 3261 15.1.2
    unacknowledged_.reset();
    next_provisional_.reset();
    next_answer_.reset();
    next_offer_.reset();
    refresh_due_ = false;
    if (!bye_waits_) accepting_.reset();
    std::erase_if(open_, [](auto const& one) { return one.second.method != Method::bye; });
    if (bye_waits_) deadlines_.keep_only({Timer::bye, Timer::repeat_2xx, Timer::no_ack});
    else deadlines_.keep_only({Timer::bye});
    state_ = State::ending;
    tell(signal::Ended{std::move(ending)});
}

/// 408 and no response: the peer may live, so it gets a BYE. 481: it has forgotten us (RFC 3261 12.2.1.2, RFC 5057). Neither is its wish.
void Session::Machine::dialog_lost(Dialog& dialog, int status, std::string why) {
    if (ended_ || dialog.tag != chosen_ || !answered_) return;   // an early dialog: its INVITE decides
    if (status == 481) dialog.bye_sent = true;
    end_by_bye({.cause = Cause::network_failure, .sip_status = status, .text = std::move(why)}, reason_of(Cause::network_failure));
}

void Session::Machine::on_prack_missing(Timer guard) {
    auto const reason = reason_of(Cause::guard);
    refuse_invite(504, {.reason = reason});   // RFC 3262 3
    end({.cause = Cause::guard, .sip_status = 504, .guard = name(guard), .ended_by = EndedBy{Method::invite, false, reason}});
}

void Session::Machine::on_guard(Due due) {
    out_.send.emplace_back(GuardPassed{name(due.timer)});
    switch (due.timer) {
        case Timer::no_response:
            if (ended_) invite_open_ = cancel_wanted_ = false;   // nobody to cancel
            else {
                invite_open_ = false;
                end({.cause = Cause::network_failure, .guard = name(due.timer)});
            }
            return;
        case Timer::no_ack:
            accepting_.reset();
            stop(Timer::repeat_2xx);
            if (std::exchange(bye_waits_, false)) return send_bye(*chosen(), bye_reason_);
            return give_up(Cause::no_ack, due.timer);
        case Timer::prack:
            if (due.transaction != 0) {
                auto const open = open_.extract(due.transaction);
                if (answered_ && !open.empty() && open.mapped().dialog != chosen_) return;   // a fork that lost
                return give_up(Cause::guard, due.timer);
            }
            return on_prack_missing(due.timer);
        case Timer::bye: open_.erase(due.transaction); return;
        case Timer::cancel: invite_open_ = false; return;
        case Timer::call_max: return give_up(Cause::max_duration, due.timer);
        case Timer::expiry: return give_up(Cause::session_expired, due.timer);
        default: return give_up(Cause::guard, due.timer);
    }
}

}  // namespace boni::sip
