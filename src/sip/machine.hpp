// The inside of a Session, shared by the files that tell its parts: session.cpp (in and out), session_uas.cpp, session_uac.cpp,
// session_modify.cpp (offers, re-INVITE, UPDATE, refresh), session_end.cpp (every way to end). Nobody else includes it.
// Thread: the Session's. Owner: Session.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "sip/offer_answer.hpp"
#include "sip/session.hpp"
#include "sip/session_timer.hpp"
#include "sip/timers.hpp"

namespace boni::sip {

enum class State { idle, calling, proceeding, early, cancelling, accepted, confirmed, ending, ended };

inline constexpr std::size_t dialogs_max = 12;        // forks of one INVITE; a hunt group rings fewer
inline constexpr std::size_t answered_max = 16;       // server transactions remembered to tell a repetition
inline constexpr int offer_retries_max = 8;           // 491 and 500 for one re-INVITE
inline constexpr auto min_se_raises_max = 1;          // 422 for one request

/// What Reason says of our own ending.
inline Reason reason_of(Cause cause, std::string text = {}) { return {"Q.850", consequence(cause).q850, std::move(text)}; }

/// One dialog: the UAS has one, the UAC one per fork, keyed by the remote tag (RFC 3261 12).
struct Dialog {
    std::string tag;
    OfferAnswer media;
    std::string preview;                          ///< SDP of an unreliable 18x: heard, but not binding (RFC 3261 13.2.1)
    std::optional<std::uint32_t> peer_cseq;       ///< last request of the peer (12.2.2)
    std::optional<std::uint32_t> peer_rseq;       ///< last reliable provisional of the peer (RFC 3262 4)
    std::optional<Send> ack;                      ///< kept to repeat it for a repeated 2xx
    bool bye_sent = false;
};

class Session::Machine {
  public:
    Machine(Role role, SessionOptions options);
    Machine(Machine const&) = delete;
    Actions on(Input const& input, Steady now);
    std::optional<Steady> wake() const { return deadlines_.next(); }
    bool done() const;
    State state() const { return state_; }

  private:
    /// An offer of the peer (or its wish for one) that our call has not answered yet, and where the answer will travel.
    enum class AnswerIn { response, ack, prack };
    struct Question {
        AnswerIn in;
        Method method;
        Transaction transaction;
        std::uint32_t cseq;            // of the INVITE, for ACK and RAck
        std::string dialog;
        std::uint32_t rseq = 0;        // prack
        bool wants_offer = false;      // re-INVITE without SDP
        Headers headers{};             // response: of the request
    };

    // --- session.cpp: every input comes in here
    void handle(Request const& request);
    void handle(Response const& response);
    void handle(Failed const& failed);
    void handle(Tick const&);
    bool repeated(Request const& request);
    std::optional<std::pair<int, Headers>> objection(Request const& request) const;   // RFC 3261 8.2, in its order
    void in_dialog(Dialog& dialog, Request const& request);
    void on_options(Request const& request);
    void on_info(Request const& request);
    void on_due(Due due);
    void settle();                                            // what waited for a stable state goes out now

    // --- session_uas.cpp
    void on_first_invite(Request const& request);
    void on_ack(Request const& request);
    void on_cancel(Request const& request);
    void on_prack(Dialog& dialog, Request const& request);
    void on_bye(Dialog& dialog, Request const& request);
    void handle(command::Ring const& ring) { provisional(180, ring.sdp); }
    void handle(command::EarlyMedia const& early) { provisional(183, early.sdp); }
    void handle(command::Answer const& answer);
    void handle(command::Reject const& reject);
    void provisional(int status, std::string const& sdp);
    void send_reliably(int status, std::string const& sdp);
    void send_2xx(Transaction invite, std::uint32_t cseq, Headers headers, std::string sdp, bool is_offer);
    void reliable_acknowledged();
    void on_repeat_2xx();
    void on_repeat_reliable();
    void missing_answer();
    void invitation_expired();

    // --- session_uac.cpp
    void handle(command::Start const& start);
    void send_invite(std::string const& target);
    void on_invite_response(Response const& response);
    Dialog* fork(std::string const& tag, std::size_t most);   // null: it would be one too many
    void on_invite_provisional(Response const& response);
    void on_reliable(Dialog& dialog, Response const& response, std::string const& sdp);
    void send_prack(Dialog& dialog, std::uint32_t rseq, std::uint32_t cseq, std::string sdp);
    void on_invite_2xx(Response const& response);
    void on_invite_refused(Response const& response);
    void choose(Dialog& dialog, Response const& response);
    bool try_again(Response const& response);                 // 422 and allowed redirects
    void send_ack(Dialog& dialog, std::uint32_t cseq, Transaction invite, std::string sdp);
    void send_cancel();
    void provisional_seen();

    // --- session_modify.cpp
    void handle(command::AnswerOffer const& answer);
    void handle(command::RefuseOffer const& refuse);
    void handle(command::SendOffer const& offer);
    void on_reinvite(Dialog& dialog, Request const& request);
    void on_update(Dialog& dialog, Request const& request);
    bool refuse_glare(Dialog& dialog, Request const& request);
    void send_reinvite();
    void refresh();
    void on_modify_response(Response const& response);
    void on_reoffer_2xx(Dialog& dialog, Response const& response);
    void on_reoffer_refused(Dialog& dialog, int status, Headers const& headers);
    void on_refresh_response(int status, Response const& response);
    void ask(Question question, Dialog& dialog, std::string sdp);
    void drop_question();                                     // its dialog goes; what answers it later goes nowhere
    Headers refreshed(Headers const& request);                // headers of our 2xx, and the session timer starts anew
    void start_session_timer(SessionTimer timer);
    void raise_interval(std::uint32_t min_se);
    Headers refresh_headers() const;
    bool quiet() const;                                       // no INVITE or offer open in either direction

    // --- session_end.cpp
    void handle(command::Hangup const& hangup);
    void leave(Ending ending, Reason reason);                 // final failure, CANCEL or BYE, whichever fits
    void give_up(Cause cause, Timer guard);                   // `leave`, because a guard passed
    void end(Ending ending);                                  // tells Ended, once, and lets open business finish
    void end_by_bye(Ending ending, Reason reason);
    void send_bye(Dialog& dialog, Reason const& reason);
    void refuse_invite(int status, Headers headers);
    void on_guard(Due due);
    void on_prack_missing(Timer guard);
    void dialog_lost(Dialog& dialog, int status, std::string why);   // 481, 408 or no response (RFC 5057)

    // --- small words used everywhere
    void respond(Transaction to, int status, Headers headers = {}, std::string sdp = {});
    void respond(Request const& request, int status, Headers headers = {}) { respond(request.transaction, status, std::move(headers)); }
    Transaction send(Method method, Dialog const& dialog, Headers headers, Body body = {});
    template <class S>
    void tell(S signal) { out_.tell.emplace_back(std::move(signal)); }
    void after(Timer timer, std::chrono::milliseconds delay, Transaction transaction = 0) { deadlines_.set(timer, now_ + delay, transaction); }
    void stop(Timer timer, Transaction transaction = 0) { deadlines_.clear(timer, transaction); }
    std::chrono::milliseconds timeout() const { return 64 * times_.t1; }   // timers B, F, H of RFC 3261
    std::uint32_t random_between(std::uint32_t low, std::uint32_t high) const { return low + options_.random(high - low + 1); }
    Headers capabilities() const;
    std::vector<std::string> supported() const;
    Headers retry_later() const;                              // Retry-After 0-10 s, random (RFC 3261 14.2)
    Dialog* find(std::string_view tag);
    Dialog* chosen() { return find(chosen_); }
    void remember_peer(Headers const& headers);

    // --- state
    Role role_;
    SessionOptions options_;
    SessionTimes const& times_ = options_.times;
    Steady now_{};
    Actions out_;
    State state_ = State::idle;
    bool ended_ = false;
    bool answered_ = false;
    Deadlines deadlines_;
    std::map<std::string, Dialog, std::less<>> dialogs_;
    std::string chosen_;                           // tag of the dialog that carries the call
    bool peer_updates_ = false;                    // Allow named UPDATE

    // the INVITE that creates the session, either role
    Transaction invite_ = 0;
    bool invite_open_ = false;                     // no final response yet
    bool rang_ = false;
    Headers invite_headers_;                       // UAS: of the INVITE, for the session timer and 100rel

    // UAS: responses that wait for something
    struct Reliable { std::uint32_t rseq; std::chrono::milliseconds interval; bool has_sdp; bool has_offer; };
    struct Accepting { Transaction transaction; std::uint32_t cseq; std::chrono::milliseconds interval; bool wants_answer; };
    std::uint32_t rseq_ = 0;                       // last one used
    std::optional<Reliable> unacknowledged_;       // one at a time (RFC 3262 3)
    std::optional<RAck> overtaken_;                // its 2xx went first; a late PRACK is still welcome
    std::optional<std::pair<int, std::string>> next_provisional_;
    std::optional<command::Answer> next_answer_;
    std::optional<Accepting> accepting_;           // 2xx sent, ACK not seen
    std::uint32_t invite_cseq_ = 0;
    std::deque<Transaction> answered_transactions_;

    // UAC
    OfferAnswer first_offer_;                      // each fork continues from here
    std::uint32_t asked_expires_ = 0;
    std::uint32_t min_se_seen_ = 0;                // in a 422; travels with every later request (RFC 4028 7.4)
    int redirects_ = 0;
    int raises_ = 0;
    bool provisional_seen_ = false;
    bool cancel_wanted_ = false;
    Headers cancel_headers_;

    std::optional<Question> question_;

    // our requests without a final response
    struct Open { Method method; std::string dialog; };
    std::map<Transaction, Open> open_;
    Transaction last_reinvite_ = 0;
    Transaction next_transaction_ = 1;
    std::optional<std::string> next_offer_;        // waits for a stable state or the end of a glare pause
    std::optional<std::string> current_offer_;     // of the open re-INVITE; none: it is a refresh
    int offer_retries_ = 0;
    bool pause_ = false;                           // after 491 or 500

    SessionTimer timer_;
    bool refresh_due_ = false;
    Reason bye_reason_;
    bool bye_waits_ = false;                       // for the ACK to our 2xx (RFC 3261 15)
};

}  // namespace boni::sip
