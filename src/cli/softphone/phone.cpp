#include "cli/softphone/phone.hpp"

#include <list>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/address.hpp"
#include "base/inbox.hpp"
#include "cli/softphone/knock.hpp"
#include "media/engine.hpp"
#include "media/sdp.hpp"
#include "sip/endpoint.hpp"

namespace boni::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// Timers of the call; each is one thing to do.
enum class Due { digit, hang_up, give_up, cancel, interrupted, refused };
using Signal = std::variant<sip::Signal, media::PortEvent, Due>;
/// From the end to the answer of our BYE, which is repeated until then; a CANCEL has to wait for a provisional response (RFC 3261 9.1).
constexpr std::chrono::seconds goodbye_max{4};
constexpr std::size_t signals_max = 256;   // a call has dozens; digits of a quick peer are the most

std::string uri_of(CallPlan const& plan) {
    if (plan.target.starts_with("sip:") || plan.target.starts_with("sips:")) return plan.target;
    auto const host = plan.tls_name.empty() ? plan.server.text() : plan.tls_name + ':' + std::to_string(plan.server.port);
    auto uri = "sip:" + plan.target + '@' + host;
    if (plan.transport != sip::Transport::udp) uri += ";transport=" + std::string{name(plan.transport)};
    return uri;
}

class Phone {
  public:
    Phone(CallPlan plan, std::function<void(json::object)> tell, std::string const& ip)
        : plan_{std::move(plan)}, tell_{std::move(tell)},
          endpoint_{{.listen = *Address::parse(ip, 0), .outbound_ca_file = plan_.ca_file, .vet = [](Address const&) { return true; }},
                    system_clock(), io_.get_executor()},
          engine_{{.threads = 1, .bind_address = ip, .pin_threads = false}, io_.get_executor()}, inbox_{io_.get_executor(), signals_max},
          interrupt_{io_, SIGINT, SIGTERM} {}

    Result<CallReport> run();

  private:
    Task<> live();
    void handle(sip::Signal const& signal);
    void handle(media::PortEvent const& event);
    void handle(Due due);
    void is_over(sip::Ending const& ending);
    void interrupted();
    void leave(std::string_view by, std::string_view cause);
    void watch_signals();
    void connected(std::string const& sdp);
    void answered(std::string const& sdp);
    void next_digit();
    void after(milliseconds delay, Due due);
    void tell(std::string_view event, json::object more = {});
    milliseconds since_invite() const { return duration_cast<milliseconds>(system_clock().steady() - invited_at_); }

    CallPlan plan_;
    std::function<void(json::object)> tell_;
    asio::io_context io_{1};
    sip::Endpoint endpoint_;
    media::Engine engine_;
    Inbox<Signal> inbox_;
    asio::signal_set interrupt_;
    std::optional<Knock> knock_;
    std::unique_ptr<media::Port> port_;
    media::SdpState sdp_;
    sip::SessionId session_{};
    Steady invited_at_{};
    std::optional<Steady> answered_at_;
    bool media_up_ = false;
    bool over_ = false;
    bool says_goodbye_ = false;
    bool interrupted_ = false;
    std::size_t digits_done_ = 0;
    CallReport report_;
    std::list<asio::steady_timer> timers_;   // each runs once; they go with the phone
};

Result<CallReport> Phone::run() {
    CHECK_OK(endpoint_.start());
    TRY(port_, engine_.open([this](media::PortEvent event) { inbox_.push(std::move(event)); }));
    watch_signals();
    spawn(io_.get_executor(), "softphone", live());
    io_.run();
    return std::move(report_);
}

Task<> Phone::live() {
    sip::Dial dial{.request_uri = uri_of(plan_), .from_user = plan_.from, .next_hop = plan_.server};
    dial.offer = media::make_offer(port_->local(), {}, sdp_);
    invited_at_ = system_clock().steady();
    if (plan_.transport == sip::Transport::udp) knock_.emplace(io_.get_executor(), plan_.server, [this] { inbox_.push(Due::refused); });
    session_ = endpoint_.dial(std::move(dial));
    endpoint_.listen(session_, [this](sip::Signal signal) { inbox_.push(std::move(signal)); });
    tell("dialling", {{"to", plan_.target}, {"server", plan_.server.text()}, {"transport", name(plan_.transport)}});
    after(plan_.ring_time, Due::give_up);
    if (plan_.cancel_after) after(*plan_.cancel_after, Due::cancel);

    while (!over_) {
        auto const signal = co_await inbox_.pop();
        std::visit([this](auto const& one) { handle(one); }, signal);
    }
    report_.lasted = since_invite();
    timers_.clear();
    interrupt_.clear();   // from here on one ends the process
    knock_.reset();
    if (!report_.recording.empty()) (void)co_await port_->stop_recording();
    report_.quality = co_await port_->close();
    port_.reset();
    if (says_goodbye_) co_await endpoint_.settle(goodbye_max);
    endpoint_.stop();
    inbox_.close();
    io_.stop();   // the engine keeps its way back open until it is destroyed
}

void Phone::handle(sip::Signal const& signal) {
    report_.reached = true;
    if (auto const* provisional = std::get_if<sip::signal::Provisional>(&signal)) {
        if (report_.to_ringing == milliseconds{}) report_.to_ringing = std::max(since_invite(), milliseconds{1});
        tell(provisional->status == 180 ? "ringing" : "progress", {{"status", provisional->status}});
        if (!provisional->sdp.empty()) connected(provisional->sdp);
    } else if (auto const* yes = std::get_if<sip::signal::Answered>(&signal)) {
        answered(yes->sdp);
    } else if (auto const* offer = std::get_if<sip::signal::Offer>(&signal)) {
        auto agreed = media::answer_offer(offer->sdp, port_->local(), {}, sdp_);
        if (!agreed) return endpoint_.refuse_offer(session_, 488, agreed.error().what);
        port_->update(agreed->config);
        endpoint_.answer_offer(session_, std::move(agreed->sdp));
        tell("offer");
    } else if (std::get_if<sip::signal::OfferWanted>(&signal)) {
        endpoint_.answer_offer(session_, media::make_offer(port_->local(), {}, sdp_));
    } else if (auto const* ended = std::get_if<sip::signal::Ended>(&signal)) {
        is_over(ended->ending);
    }
}

void Phone::is_over(sip::Ending const& ending) {
    over_ = true;
    report_.ended_by_peer = ending.by_peer;
    report_.sip_status = ending.sip_status;
    report_.q850 = ending.q850;
    report_.cause = ending.cause;
    says_goodbye_ = ending.ended_by && !ending.ended_by->by_peer;
    if (answered_at_) report_.talked = duration_cast<milliseconds>(system_clock().steady() - *answered_at_);
    if (ending.sip_status == 0 && !report_.answered && ending.cause == sip::Cause::network_failure) report_.reached = false;
    json::object more{{"by", ending.by_peer ? "platform" : "caller"}, {"cause", name(ending.cause)}};
    if (ending.sip_status != 0) more["status"] = ending.sip_status;
    if (ending.q850 != 0) more["q850"] = ending.q850;
    if (!ending.text.empty()) more["text"] = ending.text;
    tell("ended", std::move(more));
}

void Phone::handle(media::PortEvent const& event) {
    if (auto const* first = std::get_if<media::FirstPacket>(&event)) tell("audio", {{"from", first->from.text()}});
    if (std::get_if<media::MediaLost>(&event)) tell("audio_lost");
    if (auto const* digit = std::get_if<media::Digit>(&event)) tell("digit_received", {{"key", std::string(1, digit->key)}});
    if (auto const* sent = std::get_if<media::DigitsSent>(&event)) tell("digits_sent", {{"count", sent->count}});
    if (auto const* failed = std::get_if<media::Failed>(&event)) tell("media_failed", {{"why", failed->why}});
}

void Phone::handle(Due due) {
    if (over_) return;
    switch (due) {
        case Due::digit: return next_digit();
        case Due::give_up:
            if (answered_at_) return;
            [[fallthrough]];
        case Due::cancel:
            if (!answered_at_) endpoint_.hangup(session_, sip::Cause::normal);
            return;
        case Due::hang_up: return endpoint_.hangup(session_, sip::Cause::normal);
        case Due::interrupted: return interrupted();
        case Due::refused:
            if (!report_.reached) leave("peer", "nobody listens at " + plan_.server.text());
            return;
    }
}

/// Hangs up; whoever asks twice does not wait for the peer to agree.
void Phone::interrupted() {
    if (std::exchange(interrupted_, true)) leave("caller", "interrupted");
    else endpoint_.hangup(session_, sip::Cause::normal);
}

void Phone::leave(std::string_view by, std::string_view cause) {
    over_ = true;
    if (answered_at_) report_.talked = duration_cast<milliseconds>(system_clock().steady() - *answered_at_);
    tell("ended", {{"by", by}, {"cause", cause}});
}

void Phone::watch_signals() {
    interrupt_.async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        inbox_.push(Due::interrupted);
        watch_signals();
    });
}

/// Their SDP, of an 18x or the 200: from now on audio flows.
void Phone::connected(std::string const& sdp) {
    auto config = media::accept_answer(sdp, sdp_);
    if (!config) {
        tell("bad_answer", {{"why", config.error().what}});
        return endpoint_.hangup(session_, sip::Cause::incompatible);
    }
    report_.codec = config->payloads.front().codec;
    if (media_up_) return port_->update(std::move(*config));
    media_up_ = true;
    port_->start(std::move(*config));
    if (plan_.record.empty()) return;
    report_.recording = plan_.record;
    spawn(io_.get_executor(), "softphone", [](Phone& phone) -> Task<> {
        auto const started = co_await phone.port_->record_to(phone.report_.recording);
        if (started || phone.over_) co_return;   // what is over before it began failed for no other reason
        phone.tell("recording_failed", {{"why", started.error().what}});
        phone.report_.recording.clear();
    }(*this));
}

void Phone::answered(std::string const& sdp) {
    if (answered_at_) return;
    answered_at_ = system_clock().steady();
    report_.answered = true;
    report_.to_answer = since_invite();
    if (!sdp.empty()) connected(sdp);
    tell("answered", {{"codec", report_.codec}});
    if (plan_.say) port_->play(plan_.say);
    if (!plan_.digits.empty()) after(plan_.digits_after, Due::digit);
    after(plan_.hang_up_after, Due::hang_up);
}

void Phone::next_digit() {
    auto const key = plan_.digits[digits_done_++];
    if (key != 'w') port_->send_digits(std::string(1, key));
    if (digits_done_ < plan_.digits.size()) after(key == 'w' ? milliseconds{1000} : plan_.digit_every, Due::digit);
}

void Phone::after(milliseconds delay, Due due) {
    auto& timer = timers_.emplace_back(io_, delay);
    timer.async_wait([this, due](boost::system::error_code error) {
        if (!error) inbox_.push(due);
    });
}

void Phone::tell(std::string_view event, json::object more) {
    json::object out{{"ms", since_invite().count()}, {"event", event}};
    for (auto& [key, value] : more) out[key] = std::move(value);
    tell_(std::move(out));
}

}  // namespace

Result<CallReport> call(CallPlan plan, std::function<void(json::object)> tell) {
    auto const here = source_towards(plan.server);
    if (here.any()) return fail(Errc::unavailable, "there is no way to " + plan.server.ip_text());
    Phone phone{std::move(plan), std::move(tell), here.ip_text()};
    return phone.run();
}

}  // namespace boni::cli
