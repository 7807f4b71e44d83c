// The peer called: its INVITE, our provisional and final answers, PRACK, ACK, CANCEL, BYE (RFC 3261 13.3, 15; RFC 3262 3).
#include "sip/machine.hpp"

namespace boni::sip {

void Session::Machine::on_first_invite(Request const& request) {
    invite_ = request.transaction;
    invite_cseq_ = request.cseq;
    invite_headers_ = request.headers;
    invite_open_ = true;
    state_ = State::proceeding;
    chosen_ = request.remote_tag;
    auto& dialog = dialogs_[chosen_];
    dialog.tag = chosen_;
    dialog.peer_cseq = request.cseq;
    remember_peer(request.headers);
    if (auto refused = objection(request)) {
        auto const status = refused->first;
        refuse_invite(status, std::move(refused->second));
        auto const cause = cause_of_failure(status, std::nullopt, Rang::no);
        return end({.cause = cause, .sip_status = status, .ended_by = EndedBy{Method::invite}});
    }
    respond(request, 100);
    auto offer = body_part(request.body).text;
    if (!offer.empty()) dialog.media.receive_offer(offer);
    after(Timer::invite, times_.invite);
    if (auto const seconds = request.headers.expires.value_or(0)) after(Timer::invitation, std::chrono::seconds{seconds});
    tell(signal::Incoming{std::move(offer)});
}

/// The caller waits no longer, as it said in Expires (RFC 3261 13.3.1): as if it had cancelled.
void Session::Machine::invitation_expired() {
    if (!invite_open_) return;
    auto const reason = reason_of(Cause::caller_cancelled);
    refuse_invite(487, {.reason = reason});
    end({.cause = Cause::caller_cancelled, .by_peer = true, .sip_status = 487, .text = "its INVITE expired",
         .ended_by = EndedBy{Method::invite, false, reason}});
}

// --- provisional responses --------------------------------------------------------------------------------------------------

void Session::Machine::provisional(int status, std::string const& sdp) {
    if (role_ != Role::uas || !invite_open_ || next_answer_) return;
    if (state_ == State::proceeding) after(Timer::early_dialog, times_.early_dialog);
    state_ = State::early;
    after(Timer::invite, times_.invite);
    if (has_tag(invite_headers_.require, "100rel")) {
        if (!unacknowledged_) return send_reliably(status, sdp);
        // One at a time; of those that wait only the last counts, but not without the SDP that came before it.
        if (!next_provisional_ || !sdp.empty() || next_provisional_->second.empty()) next_provisional_ = {status, sdp};
        return;
    }
    // Unreliably only a preview of the answer may travel; an offer of ours may not (RFC 3262 5, RFC 6337 2.2).
    auto const preview = chosen()->media.state() == OfferAnswer::State::offer_received;
    respond(invite_, status, capabilities(), preview ? sdp : std::string{});
    after(Timer::repeat_ringing, 60s);
}

void Session::Machine::send_reliably(int status, std::string const& sdp) {
    auto& media = chosen()->media;
    auto const is_answer = !sdp.empty() && media.send_answer(sdp);
    auto const is_offer = !sdp.empty() && !is_answer && media.state() == OfferAnswer::State::none && media.send_offer(sdp);
    rseq_ = rseq_ == 0 ? random_between(1, 0x7fff'ffff) : rseq_ + 1;
    auto headers = capabilities();
    headers.require = {"100rel"};
    headers.rseq = rseq_;
    respond(invite_, status, std::move(headers), is_answer || is_offer ? sdp : std::string{});
    unacknowledged_ = Reliable{rseq_, times_.t1, is_answer || is_offer, is_offer};
    after(Timer::repeat_reliable, times_.t1);
    after(Timer::prack, timeout());
}

void Session::Machine::on_repeat_reliable() {
    if (!unacknowledged_) return;
    out_.send.emplace_back(Retransmit{invite_});
    unacknowledged_->interval *= 2;
    after(Timer::repeat_reliable, unacknowledged_->interval);
}

void Session::Machine::on_prack(Dialog& dialog, Request const& request) {
    auto const& rack = request.headers.rack;
    if (rack && overtaken_ == rack) return respond(request, 200);
    if (!rack || !unacknowledged_ || *rack != RAck{unacknowledged_->rseq, invite_cseq_, Method::invite}) return respond(request, 481);
    auto sdp = body_part(request.body).text;
    auto const answers = unacknowledged_->has_offer;
    reliable_acknowledged();
    if (answers) {
        respond(request, 200);
        if (sdp.empty()) return missing_answer();
        dialog.media.receive_answer(sdp);
        return tell(signal::Answer{std::move(sdp)});
    }
    if (sdp.empty()) return respond(request, 200);
    if (dialog.media.state() != OfferAnswer::State::stable || question_) return respond(request, 488);
    ask({AnswerIn::response, Method::prack, request.transaction, request.cseq, dialog.tag}, dialog, std::move(sdp));
}

void Session::Machine::reliable_acknowledged() {
    unacknowledged_.reset();
    stop(Timer::repeat_reliable);
    stop(Timer::prack);
}

// --- the final answer -------------------------------------------------------------------------------------------------------

void Session::Machine::handle(command::Answer const& answer) {
    if (role_ != Role::uas || !invite_open_) return;
    if (question_ || (unacknowledged_ && unacknowledged_->has_sdp)) {   // RFC 3262 3: not before its PRACK
        next_answer_ = answer;
        return;
    }
    if (unacknowledged_) overtaken_ = RAck{unacknowledged_->rseq, invite_cseq_, Method::invite};
    reliable_acknowledged();
    next_provisional_.reset();
    auto& media = chosen()->media;
    auto const is_answer = media.send_answer(answer.sdp);
    auto const is_offer = !is_answer && media.state() == OfferAnswer::State::none && media.send_offer(answer.sdp);
    invite_open_ = false;
    answered_ = true;
    state_ = State::accepted;
    for (auto const timer : {Timer::invite, Timer::invitation, Timer::early_dialog, Timer::repeat_ringing}) stop(timer);
    after(Timer::call_max, times_.call_max);
    send_2xx(invite_, invite_cseq_, refreshed(invite_headers_), is_answer || is_offer ? answer.sdp : std::string{}, is_offer);
    tell(signal::Accepted{});
}

void Session::Machine::send_2xx(Transaction invite, std::uint32_t cseq, Headers headers, std::string sdp, bool is_offer) {
    respond(invite, 200, std::move(headers), std::move(sdp));
    accepting_ = Accepting{invite, cseq, times_.t1, is_offer};
    after(Timer::repeat_2xx, times_.t1);
    after(Timer::no_ack, timeout());
}

void Session::Machine::on_repeat_2xx() {
    if (!accepting_) return;
    out_.send.emplace_back(Retransmit{accepting_->transaction});
    accepting_->interval = std::min(2 * accepting_->interval, times_.t2);
    after(Timer::repeat_2xx, accepting_->interval);
}

void Session::Machine::on_ack(Request const& request) {
    if (!accepting_ || request.cseq != accepting_->cseq || request.remote_tag != chosen_) return;   // of a non-2xx, a repetition, of another dialog
    auto const wants_answer = std::exchange(accepting_, {})->wants_answer;
    stop(Timer::repeat_2xx);
    stop(Timer::no_ack);
    auto* const dialog = chosen();
    if (std::exchange(bye_waits_, false)) return send_bye(*dialog, bye_reason_);
    if (ended_) return;
    if (wants_answer) {
        auto part = body_part(request.body);
        if (part.kind != BodyKind::sdp) return missing_answer();
        dialog->media.receive_answer(part.text);
        tell(signal::Answer{std::move(part.text)});
    }
    if (std::exchange(state_, State::confirmed) == State::accepted) tell(signal::Confirmed{});
}

/// Our offer travelled in a 2xx or a reliable 18x and its acknowledgement carried no answer (RFC 3264 4).
void Session::Machine::missing_answer() {
    chosen()->media.roll_back();
    constexpr auto why = "no answer to our offer";
    leave({.cause = Cause::incompatible, .text = why}, reason_of(Cause::incompatible, why));
}

void Session::Machine::handle(command::Reject const& reject) {
    if (role_ != Role::uas || !invite_open_) return;
    auto const status = reject.status >= 300 && reject.status <= 699 ? reject.status : consequence(reject.cause).refusal;
    auto const reason = reason_of(reject.cause);
    refuse_invite(status, {.reason = reason, .retry_after = reject.retry_after, .contact = reject.contact, .warning = reject.warning});
    end({.cause = reject.cause, .sip_status = status, .ended_by = EndedBy{Method::invite, false, reason}});
}

// --- the peer gives up ------------------------------------------------------------------------------------------------------

void Session::Machine::on_cancel(Request const& request) {
    if (role_ == Role::uas && invite_open_ && request.transaction == invite_) {
        auto const& reason = request.headers.reason;
        refuse_invite(487, {.reason = reason_of(Cause::caller_cancelled)});
        return end({.cause = Cause::caller_cancelled, .by_peer = true, .sip_status = 487, .q850 = q850_of(reason, Cause::caller_cancelled),
                    .text = reason ? reason->text : "", .ended_by = EndedBy{Method::cancel, true, reason}});
    }
    if (!question_ || question_->method != Method::invite || question_->transaction != request.transaction) return;
    auto const question = *std::exchange(question_, {});   // a re-INVITE taken back: the old session stays
    stop(Timer::offer);
    respond(question.transaction, 487);
    if (question.wants_offer) return;
    if (auto* const dialog = find(question.dialog)) dialog->media.roll_back();
    tell(signal::OfferTakenBack{});
}

void Session::Machine::on_bye(Dialog& dialog, Request const& request) {
    respond(request, 200);
    dialog.bye_sent = true;   // the dialog is over: none from us
    if (dialog.tag == chosen_) bye_waits_ = false;
    if (ended_ || dialog.tag != chosen_) return;
    auto const early = role_ == Role::uas && invite_open_;
    auto const cause = early ? Cause::caller_cancelled : Cause::normal;
    auto const& reason = request.headers.reason;
    if (early) refuse_invite(487, {.reason = reason_of(cause)});
    end({.cause = cause, .by_peer = true, .q850 = q850_of(reason, cause), .text = reason ? reason->text : "",
         .ended_by = EndedBy{Method::bye, true, reason}});
}

}  // namespace boni::sip
