// What comes in, where it goes, and the checks every request of the peer passes. The parts: session_uas.cpp, session_uac.cpp,
// session_modify.cpp, session_end.cpp.
#include "sip/session.hpp"

#include <algorithm>
#include <charconv>

#include "sip/machine.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr int digit_ms_default = 160;
constexpr int digit_ms_max = 10'000;

constexpr std::string_view keys = "0123456789*#ABCD";   // by event number (RFC 4733 3.2)

constexpr std::string_view flash = "16";              // a hook flash: a wish of an analogue line and no key

/// The key named by one character of either case, or by its event number, as some gateways write those beyond the digits.
std::optional<char> key_of(std::string_view name) {
    if (name.size() == 2 && all_digits(name)) {
        auto const event = std::size_t(name[0] - '0') * 10 + std::size_t(name[1] - '0');
        if (event >= 10 && event < keys.size()) return keys[event];
    }
    if (name.size() != 1) return std::nullopt;
    auto const key = name[0] >= 'a' && name[0] <= 'd' ? char(name[0] - 'a' + 'A') : name[0];
    if (keys.find(key) == std::string_view::npos) return std::nullopt;
    return key;
}

/// Of a line "Signal=5" or "Signal: 5", whatever its case.
std::optional<std::string_view> value_of(std::string_view name, std::string_view text) {
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        auto const mark = line.find_first_of("=:");
        if (mark == std::string_view::npos || !same_word(trim(line.substr(0, mark)), name)) continue;
        auto const value = trim(line.substr(mark + 1));
        return value.substr(0, value.find_first_of(" \t\r"));
    }
    return std::nullopt;
}

/// Of "Signal=5\r\nDuration=160" of application/dtmf-relay, or the bare "5" of application/dtmf, as which some phones send the former too.
std::string_view key_name(BodyPart const& part) {
    auto const bare = part.kind == BodyKind::dtmf ? trim(part.text) : std::string_view{};
    return value_of("Signal", part.text).value_or(bare);
}

std::chrono::milliseconds key_length(BodyPart const& part) {
    int ms = digit_ms_default;
    auto const length = value_of("Duration", part.text).value_or("");
    std::from_chars(length.data(), length.data() + length.size(), ms);
    return std::chrono::milliseconds{std::clamp(ms, 0, digit_ms_max)};
}

bool carries_sdp_only(Method method) { return method == Method::invite || method == Method::update || method == Method::prack; }

constexpr std::string_view state_names[]{"idle",     "calling",   "proceeding", "early", "cancelling",
                                         "accepted", "confirmed", "ending",     "ended"};

}  // namespace

Session::Session(Role role, SessionOptions options) : machine_{std::make_unique<Machine>(role, std::move(options))} {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Actions Session::on(Input const& input, Steady now) { return machine_->on(input, now); }
std::optional<Steady> Session::wake() const { return machine_->wake(); }
bool Session::done() const { return machine_->done(); }
std::string_view Session::state() const { return state_names[int(machine_->state())]; }

Session::Machine::Machine(Role role, SessionOptions options) : role_{role}, options_{std::move(options)} {
    ENSURE(options_.random);
    asked_expires_ = options_.session_expires;
}

Actions Session::Machine::on(Input const& input, Steady now) {
    now_ = now;
    std::visit([this](auto const& one) { handle(one); }, input);
    settle();
    return std::exchange(out_, {});
}

bool Session::Machine::done() const { return ended_ && open_.empty() && !invite_open_ && !bye_waits_; }

void Session::Machine::settle() {
    if (next_answer_ && !question_ && !(unacknowledged_ && unacknowledged_->has_sdp)) handle(command::Answer{*std::exchange(next_answer_, {})});
    if (next_provisional_ && !unacknowledged_ && !question_) {
        auto const next = *std::exchange(next_provisional_, {});
        provisional(next.first, next.second);
    }
    if (next_offer_ && !pause_ && quiet()) send_reinvite();
    if (refresh_due_ && !pause_ && quiet()) refresh();
    if (!done()) return;
    deadlines_.keep_only({});
    state_ = State::ended;
}

// --- requests ---------------------------------------------------------------------------------------------------------------

void Session::Machine::handle(Request const& request) {
    if (request.method == Method::ack) return on_ack(request);
    if (request.method == Method::cancel) return on_cancel(request);
    if (repeated(request)) return;
    if (role_ == Role::uas && state_ == State::idle && request.method == Method::invite) return on_first_invite(request);
    auto* const dialog = find(request.remote_tag);
    if (!dialog) return respond(request, 481);
    if (dialog->peer_cseq && request.cseq <= *dialog->peer_cseq) return respond(request, 500, retry_later());   // RFC 3261 12.2.2
    dialog->peer_cseq = request.cseq;
    if (request.method == Method::bye) return on_bye(*dialog, request);
    if (ended_) return respond(request, 481);
    if (auto refused = objection(request)) return respond(request, refused->first, std::move(refused->second));
    remember_peer(request.headers);
    in_dialog(*dialog, request);
}

/// RFC 3261 17.2: one transaction, one set of answers.
bool Session::Machine::repeated(Request const& request) {
    auto const open = (invite_open_ && role_ == Role::uas && request.transaction == invite_) ||
                      (question_ && question_->in == AnswerIn::response && request.transaction == question_->transaction);
    if (open) return true;
    if (std::ranges::find(answered_transactions_, request.transaction) == answered_transactions_.end()) return false;
    out_.send.emplace_back(Retransmit{request.transaction});
    return true;
}

std::optional<std::pair<int, Headers>> Session::Machine::objection(Request const& request) const {
    if (request.method == Method::other) return std::pair{405, capabilities()};
    if (request.looped) return std::pair{482, Headers{}};
    if (request.max_forwards <= 0 && request.method != Method::options) return std::pair{483, Headers{}};
    if (auto unknown = unknown_tags(request.headers.require); !unknown.empty()) return std::pair{420, Headers{.unsupported = std::move(unknown)}};
    if (carries_sdp_only(request.method)) {
        auto const kind = body_part(request.body).kind;
        if (kind != BodyKind::none && kind != BodyKind::sdp) return std::pair{415, acceptable(request.body, {"application/sdp", "multipart/mixed"})};
    }
    auto const sets_timer = request.method == Method::invite || request.method == Method::update;
    if (sets_timer && too_brief(request.headers, options_.min_se)) return std::pair{422, Headers{.min_se = options_.min_se}};
    return std::nullopt;
}

void Session::Machine::in_dialog(Dialog& dialog, Request const& request) {
    switch (request.method) {
        case Method::invite: return on_reinvite(dialog, request);
        case Method::update: return on_update(dialog, request);
        case Method::prack: return on_prack(dialog, request);
        case Method::info: return on_info(request);
        case Method::notify: return respond(request, 481);   // we have no subscription
        case Method::options: return on_options(request);
        case Method::refer: return respond(request, 603);   // nobody sends our calls elsewhere
        default: return respond(request, 405, capabilities());
    }
}

/// What we can do, as for an OPTIONS outside of a dialog (RFC 3261 11.2).
void Session::Machine::on_options(Request const& request) {
    auto headers = capabilities();
    headers.accept = {"application/sdp"};
    respond(request, 200, std::move(headers));
}

void Session::Machine::on_info(Request const& request) {
    auto const part = body_part(request.body);
    if (part.kind == BodyKind::none) return respond(request, 200);
    if (part.kind != BodyKind::dtmf_relay && part.kind != BodyKind::dtmf)
        return respond(request, 415, acceptable(request.body, {"application/dtmf-relay", "application/dtmf"}));
    auto const name = key_name(part);
    if (name == flash) return respond(request, 200);   // passed over as in RTP
    auto const key = key_of(name);
    if (!key) return respond(request, 400);
    respond(request, 200);
    tell(signal::Digit{*key, key_length(part)});
}

// --- responses and time -----------------------------------------------------------------------------------------------------

void Session::Machine::handle(Response const& response) {
    if (response.status < 100 || response.status > 699) return;
    if (role_ == Role::uac && response.transaction == invite_ && state_ != State::idle) return on_invite_response(response);
    on_modify_response(response);
}

void Session::Machine::handle(Failed const& failed) {
    if (role_ == Role::uac && failed.transaction == invite_) {
        if (!invite_open_) return;
        invite_open_ = false;
        if (!ended_) end({.cause = Cause::network_failure, .text = failed.why});
        return;
    }
    auto const open = open_.find(failed.transaction);
    if (open == open_.end()) return;
    auto const [method, tag] = open->second;
    open_.erase(open);
    deadlines_.clear(method == Method::bye ? Timer::bye : method == Method::prack ? Timer::prack : Timer::reinvite, failed.transaction);
    if (method == Method::bye) return;
    if (auto* const dialog = find(tag)) dialog_lost(*dialog, 408, failed.why);
}

void Session::Machine::handle(Tick const&) {
    constexpr int due_max = 64;   // several times what one session can have armed
    for (int i = 0; i < due_max; ++i) {
        auto const due = deadlines_.take_due(now_);
        if (!due) return;
        on_due(*due);
    }
}

void Session::Machine::on_due(Due due) {
    switch (due.timer) {
        case Timer::next_address:
            out_.send.emplace_back(NextAddress{invite_});
            return after(Timer::next_address, times_.next_address);
        case Timer::repeat_2xx: return on_repeat_2xx();
        case Timer::repeat_reliable: return on_repeat_reliable();
        case Timer::repeat_ringing:
            out_.send.emplace_back(Retransmit{invite_});
            return after(Timer::repeat_ringing, 60s);
        case Timer::glare: pause_ = false; return;
        case Timer::refresh: refresh_due_ = true; return;
        case Timer::invitation: return invitation_expired();
        default: return on_guard(due);
    }
}

// --- small words ------------------------------------------------------------------------------------------------------------

void Session::Machine::respond(Transaction to, int status, Headers headers, std::string sdp) {
    if (status >= 200) {
        answered_transactions_.push_back(to);
        if (answered_transactions_.size() > answered_max) answered_transactions_.pop_front();
    }
    out_.send.emplace_back(Respond{to, status, std::move(headers), sdp_body(std::move(sdp))});
}

Transaction Session::Machine::send(Method method, Dialog const& dialog, Headers headers, Body body) {
    auto const transaction = next_transaction_++;
    open_.emplace(transaction, Open{method, dialog.tag});
    out_.send.emplace_back(Send{transaction, method, dialog.tag, 0, std::move(headers), std::move(body)});
    return transaction;
}

std::vector<std::string> Session::Machine::supported() const {
    std::vector<std::string> tags;
    if (role_ == Role::uas || options_.offer_100rel) tags.emplace_back("100rel");
    if (options_.session_expires > 0) tags.emplace_back("timer");
    return tags;
}

Headers Session::Machine::capabilities() const {
    return {.supported = supported(), .allow = methods_allowed(options_.refer)};
}

Headers Session::Machine::retry_later() const { return {.retry_after = options_.random(11)}; }

Dialog* Session::Machine::find(std::string_view tag) {
    auto const found = dialogs_.find(tag);
    return found == dialogs_.end() ? nullptr : &found->second;
}

void Session::Machine::remember_peer(Headers const& headers) {
    if (!headers.allow.empty()) peer_updates_ = has_tag(headers.allow, "UPDATE");
}

}  // namespace boni::sip
