// We called: INVITE, early dialogs, forks, 2xx and refusals (RFC 3261 13.2, 9.1; RFC 3262 4).
#include <algorithm>

#include "sip/machine.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t answers_max = 64;   // dialogs we still ACK and BYE after a fork storm; beyond: their 2xx time out

}  // namespace

void Session::Machine::handle(command::Start const& start) {
    if (role_ != Role::uac || state_ != State::idle) return;
    if (!start.sdp.empty()) {
        first_offer_.send_offer(start.sdp);
        current_offer_ = start.sdp;
    }
    send_invite({});
    state_ = State::calling;
    after(Timer::invite, times_.invite);
}

void Session::Machine::send_invite(std::string const& target) {
    invite_ = next_transaction_++;
    invite_open_ = true;
    provisional_seen_ = false;
    for (auto const& [transaction, open] : open_) stop(Timer::prack, transaction);
    open_.clear();      // PRACKs of the attempt before
    drop_question();
    dialogs_.clear();
    auto headers = capabilities();
    if (asked_expires_ > 0) {
        headers.session_expires = SessionExpires{asked_expires_, Refresher::unsaid};
        headers.min_se = std::max(options_.min_se, min_se_seen_);
    }
    out_.send.emplace_back(Send{invite_, Method::invite, {}, 0, std::move(headers), sdp_body(current_offer_.value_or("")), target});
    after(Timer::next_address, times_.next_address);
    after(Timer::no_response, times_.no_response);
}

void Session::Machine::on_invite_response(Response const& response) {
    if (response.status >= 300) return on_invite_refused(response);
    if (response.status >= 200) return on_invite_2xx(response);
    on_invite_provisional(response);
}

Dialog* Session::Machine::fork(std::string const& tag, std::size_t most) {
    if (auto* const known = find(tag)) return known;
    if (dialogs_.size() >= most) return nullptr;
    auto& dialog = dialogs_[tag];
    dialog.tag = tag;
    dialog.media = first_offer_;
    return &dialog;
}

// --- provisional responses --------------------------------------------------------------------------------------------------

void Session::Machine::on_invite_provisional(Response const& response) {
    if (!invite_open_) return;
    provisional_seen();
    if (ended_) return;
    if (response.status == 100 || response.remote_tag.empty()) {
        if (state_ == State::calling) state_ = State::proceeding;
        return;
    }
    auto* const dialog = fork(response.remote_tag, dialogs_max);
    if (!dialog) return;
    if (state_ != State::early) after(Timer::early_dialog, times_.early_dialog);
    state_ = State::early;
    rang_ = true;
    remember_peer(response.headers);
    auto sdp = body_part(response.body).text;
    if (response.headers.rseq && has_tag(response.headers.require, "100rel")) return on_reliable(*dialog, response, sdp);
    if (!sdp.empty() && dialog->media.state() == OfferAnswer::State::offer_sent) dialog->preview = sdp;
    tell(signal::Provisional{response.status, std::move(sdp), dialog->tag});
}

void Session::Machine::provisional_seen() {
    provisional_seen_ = true;
    stop(Timer::next_address);
    stop(Timer::no_response);
    if (std::exchange(cancel_wanted_, false)) return send_cancel();
    if (!ended_) after(Timer::invite, times_.invite);
}

/// RFC 3262 section 4: in order, each once, acknowledged by PRACK.
void Session::Machine::on_reliable(Dialog& dialog, Response const& response, std::string const& sdp) {
    auto const rseq = *response.headers.rseq;
    if (dialog.peer_rseq && rseq != *dialog.peer_rseq + 1) return;   // a repetition, or one is missing and will be repeated
    dialog.peer_rseq = rseq;
    auto const is_offer = !sdp.empty() && dialog.media.state() == OfferAnswer::State::none && !question_;
    if (!sdp.empty() && !is_offer) dialog.media.receive_answer(sdp);
    tell(signal::Provisional{response.status, is_offer ? std::string{} : sdp, dialog.tag});
    if (!is_offer) return send_prack(dialog, rseq, response.cseq, {});
    ask({AnswerIn::prack, Method::prack, 0, response.cseq, dialog.tag, rseq}, dialog, sdp);
}

void Session::Machine::send_prack(Dialog& dialog, std::uint32_t rseq, std::uint32_t cseq, std::string sdp) {
    auto const transaction = send(Method::prack, dialog, {.rack = RAck{rseq, cseq, Method::invite}}, sdp_body(std::move(sdp)));
    after(Timer::prack, times_.transaction, transaction);
}

// --- 2xx --------------------------------------------------------------------------------------------------------------------

void Session::Machine::on_invite_2xx(Response const& response) {
    provisional_seen_ = true;
    cancel_wanted_ = false;
    auto* const dialog = fork(response.remote_tag, answers_max);
    if (!dialog) return;
    if (dialog->ack && dialog->ack->cseq == response.cseq) {   // our ACK was lost (13.2.2.4)
        out_.send.emplace_back(*dialog->ack);
        return;
    }
    if (dialog->tag == chosen_) return;   // the call still thinks about the offer; the ACK will carry its answer
    if (!ended_ && chosen_.empty()) return choose(*dialog, response);
    // A fork that lost, or a 200 that crossed our CANCEL: one ACK, one BYE.
    if (ended_) {
        invite_open_ = false;
        stop(Timer::cancel);
        stop(Timer::no_response);
    }
    send_ack(*dialog, response.cseq, invite_, {});
    auto const reason = ended_ ? bye_reason_ : Reason{"SIP", 200, "Call completed elsewhere"};
    send_bye(*dialog, reason);
}

/// The first 2xx decides which dialog carries the call.
void Session::Machine::choose(Dialog& dialog, Response const& response) {
    chosen_ = dialog.tag;
    invite_open_ = false;
    answered_ = true;
    state_ = State::accepted;
    for (auto const timer : {Timer::invite, Timer::early_dialog, Timer::next_address, Timer::no_response}) stop(timer);
    if (question_ && question_->dialog != chosen_) drop_question();   // asked by a fork that lost
    remember_peer(response.headers);
    after(Timer::call_max, times_.call_max);
    start_session_timer(after_receiving(response.headers.session_expires));
    auto sdp = body_part(response.body).text;
    if (dialog.media.state() == OfferAnswer::State::none && !sdp.empty()) {   // the late offer: our answer goes into the ACK
        tell(signal::Answered{{}, dialog.tag});
        return ask({AnswerIn::ack, Method::ack, invite_, response.cseq, dialog.tag}, dialog, std::move(sdp));
    }
    // Some gateways put the answer into an unreliable 18x only; it is the one they send.
    if (dialog.media.state() == OfferAnswer::State::offer_sent) {
        auto answer = sdp.empty() ? dialog.preview : sdp;
        if (!answer.empty()) dialog.media.receive_answer(std::move(answer));
    }
    send_ack(dialog, response.cseq, invite_, {});
    if (!dialog.media.agreed()) return missing_answer();
    state_ = State::confirmed;
    tell(signal::Answered{dialog.media.remote(), dialog.tag});
}

void Session::Machine::send_ack(Dialog& dialog, std::uint32_t cseq, Transaction invite, std::string sdp) {
    dialog.ack = Send{invite, Method::ack, dialog.tag, cseq, {}, sdp_body(std::move(sdp))};
    out_.send.emplace_back(*dialog.ack);
}

// --- refusals ---------------------------------------------------------------------------------------------------------------

void Session::Machine::on_invite_refused(Response const& response) {
    if (!invite_open_) return;
    invite_open_ = false;
    if (ended_) {
        stop(Timer::cancel);
        stop(Timer::no_response);
        return;
    }
    if (try_again(response)) return;
    auto const& reason = response.headers.reason;
    auto const cause = cause_of_failure(response.status, reason, rang_ ? Rang::yes : Rang::no);
    end({.cause = cause, .by_peer = true, .sip_status = response.status, .q850 = q850_of(reason, cause), .text = reason ? reason->text : "",
         .redirect = response.status < 400 ? response.headers.contact : "", .ended_by = EndedBy{Method::invite, true, reason}});
}

bool Session::Machine::try_again(Response const& response) {
    if (response.status == 422 && response.headers.min_se && *response.headers.min_se > asked_expires_ && raises_ < min_se_raises_max) {
        ++raises_;
        asked_expires_ = *response.headers.min_se;   // RFC 4028 7.3
        min_se_seen_ = asked_expires_;
        send_invite({});
        return true;
    }
    // RFC 3261 8.1.3.4. Only trunks whose operator allowed it: a customer's 302 must not make us call a host of his choice.
    if (response.status >= 300 && response.status < 400 && !response.headers.contact.empty() && redirects_ < options_.redirects_max) {
        ++redirects_;
        send_invite(response.headers.contact);
        return true;
    }
    return false;
}

void Session::Machine::send_cancel() {
    out_.send.emplace_back(Send{invite_, Method::cancel, {}, 0, cancel_headers_, {}});
    after(Timer::cancel, timeout());
}

}  // namespace boni::sip
