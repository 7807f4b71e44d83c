// Changes of a running session: offers both ways, re-INVITE, UPDATE, glare, session timer
// (RFC 3261 14, RFC 3311, RFC 4028).
#include <algorithm>

#include "sip/machine.hpp"

namespace boni::sip {
namespace {

constexpr auto retry_after_max = 10s;   // longer than a 500 may ask for (RFC 3261 14.2)

/// It passes; a refresh is sent again until the session expires.
bool server_trouble(int status) { return status >= 500 && status < 600; }

}  // namespace

// --- offers of the peer -----------------------------------------------------------------------------------------------------

void Session::Machine::on_reinvite(Dialog& dialog, Request const& request) {
    if (refuse_glare(dialog, request)) return;
    respond(request, 100);
    auto sdp = body_part(request.body).text;
    Question question{AnswerIn::response, Method::invite, request.transaction, request.cseq, dialog.tag};
    question.headers = request.headers;
    question.wants_offer = sdp.empty();
    ask(std::move(question), dialog, std::move(sdp));
}

void Session::Machine::on_update(Dialog& dialog, Request const& request) {
    auto sdp = body_part(request.body).text;
    if (sdp.empty()) return respond(request, 200, refreshed(request.headers));
    if (refuse_glare(dialog, request)) return;
    Question question{AnswerIn::response, Method::update, request.transaction, request.cseq, dialog.tag};
    question.headers = request.headers;
    ask(std::move(question), dialog, std::move(sdp));
}

/// 491 when our own offer is open, 500 when one of the peer's still is (RFC 3261 14.2, RFC 3311 5.2).
bool Session::Machine::refuse_glare(Dialog& dialog, Request const& request) {
    auto const ours = std::ranges::any_of(open_, [](auto const& one) { return one.second.method == Method::invite; });
    if (ours || (dialog.media.state() == OfferAnswer::State::offer_sent && !accepting_)) {
        respond(request, 491);
        return true;
    }
    auto const invite_busy = request.method == Method::invite && (invite_open_ || accepting_ || state_ != State::confirmed);
    auto const offer_busy = dialog.media.open() || dialog.media.state() == OfferAnswer::State::none || next_answer_;
    if (!invite_busy && !offer_busy && !question_) return false;
    respond(request, 500, retry_later());
    return true;
}

void Session::Machine::ask(Question question, Dialog& dialog, std::string sdp) {
    auto const wants_offer = question.wants_offer;
    question_ = std::move(question);
    after(Timer::offer, times_.transaction);
    if (wants_offer) return tell(signal::OfferWanted{});
    dialog.media.receive_offer(sdp);
    tell(signal::Offer{std::move(sdp)});
}

void Session::Machine::drop_question() {
    if (question_ && question_->in == AnswerIn::response) respond(question_->transaction, 487);
    question_.reset();
    stop(Timer::offer);
}

void Session::Machine::handle(command::AnswerOffer const& answer) {
    if (!question_ || ended_) return;
    auto const question = *std::exchange(question_, {});
    stop(Timer::offer);
    auto& dialog = *find(question.dialog);
    if (question.wants_offer) dialog.media.send_offer(answer.sdp);
    else dialog.media.send_answer(answer.sdp);
    switch (question.in) {
        case AnswerIn::prack: return send_prack(dialog, question.rseq, question.cseq, answer.sdp);
        case AnswerIn::ack:
            send_ack(dialog, question.cseq, invite_, answer.sdp);
            state_ = State::confirmed;
            return;
        case AnswerIn::response: break;
    }
    if (question.method == Method::prack) return respond(question.transaction, 200, {}, answer.sdp);
    auto headers = refreshed(question.headers);
    if (question.method == Method::update) return respond(question.transaction, 200, std::move(headers), answer.sdp);
    send_2xx(question.transaction, question.cseq, std::move(headers), answer.sdp, question.wants_offer);
}

void Session::Machine::handle(command::RefuseOffer const& refuse) {
    if (!question_ || ended_) return;
    if (question_->in != AnswerIn::response)   // PRACK and ACK cannot refuse
        return leave({.cause = Cause::incompatible}, reason_of(Cause::incompatible));
    auto const question = *std::exchange(question_, {});
    stop(Timer::offer);
    if (!question.wants_offer) find(question.dialog)->media.roll_back();
    respond(question.transaction, refuse.status >= 400 && refuse.status <= 699 ? refuse.status : 488, {.warning = refuse.warning});
}

// --- offers of ours ---------------------------------------------------------------------------------------------------------

void Session::Machine::handle(command::SendOffer const& offer) {
    if (ended_ || !answered_) return;
    next_offer_ = offer.sdp;
    offer_retries_ = 0;
}

bool Session::Machine::quiet() const {
    if (ended_ || state_ != State::confirmed || accepting_ || question_) return false;
    auto const dialog = dialogs_.find(chosen_);
    auto const busy =
        std::ranges::any_of(open_, [](auto const& one) { return one.second.method == Method::invite || one.second.method == Method::update; });
    return !busy && dialog != dialogs_.end() && !dialog->second.media.open();
}

void Session::Machine::send_reinvite() {
    auto& dialog = *chosen();
    current_offer_ = std::exchange(next_offer_, {});
    auto const& sdp = current_offer_ ? *current_offer_ : dialog.media.local();   // a refresh repeats what is in force
    auto const body = sdp_body(sdp);
    dialog.media.send_offer(sdp);
    last_reinvite_ = send(Method::invite, dialog, refresh_headers(), body);
    refresh_due_ = false;
    after(Timer::reinvite, times_.transaction, last_reinvite_);
}

void Session::Machine::on_modify_response(Response const& response) {
    auto* const dialog = chosen();
    if (dialog && dialog->ack && dialog->ack->transaction == response.transaction && response.status / 100 == 2) {
        out_.send.emplace_back(*dialog->ack);   // repeated 2xx to a re-INVITE
        return;
    }
    auto const found = open_.find(response.transaction);
    if (found == open_.end()) {
        // A re-INVITE that our BYE overtook was accepted all the same.
        if (dialog && response.transaction == last_reinvite_ && response.status / 100 == 2) send_ack(*dialog, response.cseq, last_reinvite_, {});
        return;
    }
    if (response.status < 200) return;
    auto const [method, tag] = found->second;
    open_.erase(found);
    auto* const of = find(tag);
    switch (method) {
        case Method::bye: return stop(Timer::bye, response.transaction);
        case Method::prack: stop(Timer::prack, response.transaction); break;
        default: stop(Timer::reinvite, response.transaction); break;
    }
    if (!of || ended_) return;
    if (response.status == 408 || response.status == 481) {
        if (method == Method::invite) of->media.roll_back();
        return dialog_lost(*of, response.status, response.headers.reason ? response.headers.reason->text : "");
    }
    if (method == Method::update) return on_refresh_response(response.status, response);
    if (method != Method::invite) return;
    if (response.status >= 300) return on_reoffer_refused(*of, response.status, response.headers);
    on_reoffer_2xx(*of, response);
}

void Session::Machine::on_reoffer_2xx(Dialog& dialog, Response const& response) {
    send_ack(dialog, response.cseq, response.transaction, {});
    remember_peer(response.headers);
    start_session_timer(after_receiving(response.headers.session_expires));
    raises_ = offer_retries_ = 0;
    auto sdp = body_part(response.body).text;
    auto const was_refresh = !std::exchange(current_offer_, {});
    if (!sdp.empty()) {
        dialog.media.receive_answer(sdp);
        return tell(signal::Answer{std::move(sdp)});
    }
    dialog.media.roll_back();
    if (!was_refresh) tell(signal::OfferFailed{488});
}

void Session::Machine::on_reoffer_refused(Dialog& dialog, int status, Headers const& headers) {
    dialog.media.roll_back();
    auto const offer = std::exchange(current_offer_, {});
    auto retry = [&](std::chrono::milliseconds pause) {
        if (offer && !next_offer_) next_offer_ = *offer;
        if (!offer) refresh_due_ = true;
        pause_ = true;
        after(Timer::glare, pause);
    };
    if (status == 491 && offer_retries_++ < offer_retries_max) {
        // RFC 3261 14.1: who owns the Call-ID waits longer, in steps of 10 ms, so that the two do not meet again.
        auto const steps = role_ == Role::uac ? random_between(210, 400) : random_between(0, 200);
        return retry(steps * 10ms);
    }
    if (status == 500 && headers.retry_after && offer_retries_++ < offer_retries_max)
        return retry(std::min<std::chrono::milliseconds>(std::chrono::seconds{*headers.retry_after}, retry_after_max));
    if (status == 422 && headers.min_se && raises_++ < min_se_raises_max) {
        raise_interval(*headers.min_se);
        return retry(0ms);
    }
    if (!offer && server_trouble(status)) return retry(times_.t2);
    if (offer) tell(signal::OfferFailed{status});   // a refused refresh has the expiry behind it
}

// --- session timer ----------------------------------------------------------------------------------------------------------

void Session::Machine::start_session_timer(SessionTimer timer) {
    if (!answered_) return;   // an UPDATE while it rings starts nothing; the 2xx to the INVITE does
    timer_ = timer;
    refresh_due_ = false;
    stop(Timer::refresh);
    stop(Timer::expiry);
    if (timer.who == Refreshing::nobody) return;
    after(Timer::expiry, timer.expires_after());
    if (timer.who == Refreshing::we) after(Timer::refresh, timer.refresh_after());
}

Headers Session::Machine::refreshed(Headers const& request) {
    auto headers = capabilities();
    headers.session_expires = grant(request, options_.session_expires);
    if (headers.session_expires && headers.session_expires->refresher == Refresher::uac) headers.require = {"timer"};   // RFC 4028 9
    start_session_timer(after_sending(headers.session_expires));
    return headers;
}

Headers Session::Machine::refresh_headers() const {
    auto headers = capabilities();
    if (timer_.who == Refreshing::nobody) return headers;
    auto const refresher = timer_.who == Refreshing::we ? Refresher::uac : Refresher::uas;
    headers.session_expires = SessionExpires{std::uint32_t(timer_.interval.count()), refresher};
    headers.min_se = std::max(options_.min_se, min_se_seen_);
    return headers;
}

/// After a 422: the next refresh asks for at least that much, and says so in Min-SE (RFC 4028 7.4).
void Session::Machine::raise_interval(std::uint32_t min_se) {
    timer_.interval = std::max(timer_.interval, std::chrono::seconds{min_se});
    min_se_seen_ = std::max(min_se_seen_, min_se);
}

void Session::Machine::refresh() {
    if (!peer_updates_ || !options_.send_update) return send_reinvite();
    refresh_due_ = false;
    auto const transaction = send(Method::update, *chosen(), refresh_headers());
    after(Timer::reinvite, times_.transaction, transaction);
}

void Session::Machine::on_refresh_response(int status, Response const& response) {
    if (status < 300) {
        raises_ = 0;
        return start_session_timer(after_receiving(response.headers.session_expires));
    }
    if (status == 405 || status == 501) peer_updates_ = false;   // allowed, but not known: a re-INVITE then
    else if (status == 422 && response.headers.min_se && raises_++ < min_se_raises_max)
        raise_interval(*response.headers.min_se);
    else if (status != 491 && !server_trouble(status)) return;   // the expiry decides
    refresh_due_ = true;
    pause_ = true;
    after(Timer::glare, times_.t2);
}

}  // namespace boni::sip
