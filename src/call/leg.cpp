#include "call/leg.hpp"

namespace boni::call {

/// One play in progress; lives in the frame of `play`, so cancelling that removes it.
struct Leg::Waiter {
    Waiter(Leg& leg, media::PlayId id) : leg{leg}, id{id}, wake{leg.control_} { leg.playing_[id] = this; }
    ~Waiter() {
        leg.playing_.erase(id);
        if (!heard && leg.port_) leg.port_->stop(id);
    }
    Leg& leg;
    media::PlayId id;
    Bell wake;   // rings when it was heard
    std::optional<media::Played> heard;
};

Leg::Leg(sip::Endpoint& sip, media::Engine& media, asio::any_io_executor control, sip::Incoming const& incoming,
         std::function<void(LegSignal)> tell)
    : sip_{sip}, media_{media}, control_{control}, tell_{std::move(tell)}, session_{incoming.id}, offer_{incoming.offer},
      silence_max_{incoming.media_timeout}, public_ip_{incoming.public_address}, early_media_{incoming.early_media},
      offer_first_{!incoming.offer && incoming.reliable}, answer_settled_{control_}, alive_{std::make_shared<Leg*>(this)} {
    auto const bound = sip.udp();
    if (!incoming.codecs.empty()) preferences_.codecs = incoming.codecs;
    local_ip_ = (bound.any() ? source_towards(incoming.source) : bound).ip_text();
    sip_.listen(session_, [weak = std::weak_ptr{alive_}](sip::Signal signal) {
        if (auto const leg = weak.lock()) (*leg)->on_sip(std::move(signal));
    });
}

Leg::~Leg() = default;

Result<> Leg::check_offer() const {
    if (!offer_) return {};
    TRY(auto local, Address::parse(local_ip_, 9));   // the discard port: this answer is only a trial and is never sent
    media::SdpState trial;
    CHECK_OK(media::answer_offer(*offer_, local, preferences_, trial));
    return {};
}

/// The first reliable answer to an INVITE without an offer has ours (RFC 3262 5); without a port for it the call may still be refused.
void Leg::ring() {
    auto const offer = offer_first_ ? local_description() : std::string{};
    sip_.ring(session_, offer.value_or(""));
}

Result<> Leg::early_media() {
    if (!early_media_) return fail(Errc::unavailable, "the carrier lets nobody be heard before the answer");
    TRY(auto sdp, local_description());
    sip_.early_media(session_, std::move(sdp));
    return {};
}

Result<> Leg::answer() {
    answered_ = true;
    if (config_) start(*config_);   // from here on their silence counts
    TRY(auto sdp, local_description());
    sip_.answer(session_, std::move(sdp));
    return {};
}

Task<bool> Leg::until_accepted() {
    while (!accepted_ && !over_) co_await answer_settled_.rung();
    co_return accepted_;
}

Result<> Leg::open_port() {
    if (port_) return {};
    auto on_event = [weak = std::weak_ptr{alive_}](media::PortEvent event) {
        if (auto const leg = weak.lock()) (*leg)->on_media(std::move(event));
    };
    TRY(port_, media_.open(std::move(on_event), local_ip_, public_ip_));
    return {};
}

Result<std::string> Leg::local_description() {
    if (!description_.empty()) return description_;
    CHECK_OK(open_port());
    if (!offer_) {
        description_ = media::make_offer(port_->local(), preferences_, sdp_);
        return description_;
    }
    TRY(auto agreed, media::answer_offer(*offer_, port_->local(), preferences_, sdp_));
    start(agreed.config);
    description_ = std::move(agreed.sdp);
    return description_;
}

Task<media::Played> Leg::play(media::Clip clip, media::PlayOptions options) {
    ENSURE(port_ != nullptr);
    Waiter waiter{*this, port_->play(std::move(clip), options)};
    while (!waiter.heard) co_await waiter.wake.rung();
    co_return *waiter.heard;
}

Task<Result<>> Leg::record_to(std::filesystem::path file, media::RecordOptions options) {
    if (!port_) co_return fail(Errc::conflict, "the call is over", {}, "call_ended");
    co_return co_await port_->record_to(std::move(file), options);
}

Task<Result<media::Recorded>> Leg::stop_recording() {
    if (!port_) co_return media::Recorded{};
    co_return co_await port_->stop_recording();
}

Task<Result<media::Recorded>> Leg::recorded() {
    if (!port_) co_return media::Recorded{};
    co_return co_await port_->recorded();
}

void Leg::listen(std::shared_ptr<media::Tap> tap) {
    if (port_) port_->listen(std::move(tap));
}

void Leg::unlisten(std::shared_ptr<media::Tap> tap) {
    if (port_) port_->unlisten(std::move(tap));
}

void Leg::feed(std::shared_ptr<media::Feed> feed) {
    if (port_) port_->feed(std::move(feed));
}

void Leg::end(Ending const& ending, bool answered) {
    if (ended_) return;
    ended_ = true;
    if (ending.signalled) return;
    if (answered) return sip_.hangup(session_, ending.cause, {}, ended_by(ending, answered)->reason);
    // The status decides what the caller's network shows.
    auto const warning = ending.cause == sip::Cause::incompatible ? ending.why : std::string{};
    sip_.reject(session_, refusal_status(ending), refusal_cause(ending), ending.retry_after, warning);
}

Task<std::optional<media::Quality>> Leg::close_media() {
    if (!port_) co_return std::nullopt;
    auto const quality = co_await port_->close();
    port_.reset();
    for (auto const& [id, waiter] : playing_) {   // no Played will come any more
        waiter->heard = media::Played{.id = id};
        waiter->wake.ring();
    }
    co_return quality;
}

// --- what SIP says ----------------------------------------------------------------------------------------------------------

void Leg::on_sip(sip::Signal signal) {
    if (auto const* const ended = std::get_if<sip::signal::Ended>(&signal)) {
        over_ = true;
        answer_settled_.ring();
        return tell_(leg_signal::Ended{ended->ending});
    }
    if (std::holds_alternative<sip::signal::Accepted>(signal)) {
        accepted_ = true;
        answer_settled_.ring();
        return;
    }
    if (ended_) return;
    if (std::holds_alternative<sip::signal::Confirmed>(signal)) {
        confirmed_ = true;
        if (silent_) tell_(leg_signal::MediaLost{*silent_});
        return;
    }
    if (auto const* const answer = std::get_if<sip::signal::Answer>(&signal)) return take_answer(answer->sdp);
    if (auto const* const offer = std::get_if<sip::signal::Offer>(&signal)) return take_offer(offer->sdp);
    if (std::holds_alternative<sip::signal::OfferTakenBack>(signal)) return take_back();
    if (std::holds_alternative<sip::signal::OfferWanted>(signal)) {
        if (!open_port()) return sip_.refuse_offer(session_, 500);
        return sip_.answer_offer(session_, media::make_offer(port_->local(), preferences_, sdp_));
    }
    if (auto const* const digit = std::get_if<sip::signal::Digit>(&signal)) {
        // Through the port, which knows whether the same press came as RTP too (media.md 5.4).
        if (port_) port_->digits_from_signalling(digit->digit);
        else tell_(leg_signal::Digit{digit->digit, std::chrono::steady_clock::now()});
    }
}

void Leg::take_answer(std::string const& sdp) {
    auto config = media::accept_answer(sdp, sdp_);
    if (!config) return tell_(leg_signal::Incompatible{config.error().what});
    if (port_) start(*std::move(config));
}

void Leg::take_offer(std::string const& sdp) {
    before_offer_.reset();
    if (!open_port()) return sip_.refuse_offer(session_, 500);
    Before before{sdp_, config_, agreed_.remote};
    auto agreed = media::answer_offer(sdp, port_->local(), preferences_, sdp_);
    if (!agreed) return sip_.refuse_offer(session_, 488, agreed.error().what);   // the old session stays
    before_offer_ = std::move(before);
    start(agreed->config);
    sip_.answer_offer(session_, std::move(agreed->sdp));
}

/// Our answer came too late to be sent: the media go back to what both sides know.
void Leg::take_back() {
    auto const before = std::exchange(before_offer_, {});
    if (!before || !port_) return;
    sdp_ = before->sdp;
    if (!before->config) return;
    agreed_.remote = before->remote;
    start(*before->config);
}

void Leg::start(media::PortConfig config) {
    config.silence_max = silence_max_;
    config.answered = answered_;
    agreed_.local = port_->local();
    if (config.remote.port != 0 && !agreed_.remote) agreed_.remote = config.remote;
    agreed_.codec = config.payloads.empty() ? std::string{} : config.payloads.front().codec;
    auto const first = !config_;
    config_ = std::move(config);
    if (first) port_->start(*config_);
    else port_->update(*config_);
}

// --- what the media says ----------------------------------------------------------------------------------------------------

void Leg::on_media(media::PortEvent event) {
    if (auto const* const played = std::get_if<media::Played>(&event)) {
        auto const found = playing_.find(played->id);
        if (found == playing_.end()) return;
        found->second->heard = *played;
        found->second->wake.ring();
    } else if (auto const* const digit = std::get_if<media::Digit>(&event)) {
        tell_(leg_signal::Digit{digit->key, digit->at});
    } else if (auto const* const key = std::get_if<media::KeyHeld>(&event)) {
        tell_(leg_signal::KeyHeld{key->held});
    } else if (auto const* const lost = std::get_if<media::MediaLost>(&event)) {
        // Who never got our 200 is silent as well, and the missing ACK says more: SIP ends the call for it.
        if (confirmed_) tell_(leg_signal::MediaLost{lost->silent});
        else silent_ = lost->silent;
    } else if (std::holds_alternative<media::MediaBack>(event)) {
        silent_.reset();
    } else if (auto const* const failed = std::get_if<media::Failed>(&event)) {
        tell_(leg_signal::MediaFailed{failed->why});
    } else if (auto const* const first = std::get_if<media::FirstPacket>(&event)) {
        agreed_.remote = first->from;
        tell_(leg_signal::FirstPacket{});
    } else if (auto const* const sample = std::get_if<media::QualitySample>(&event); sample && !sample->final) {
        auto const& quality = sample->sample;
        mos_.add(quality.mos > 0 ? std::optional{quality.mos} : std::nullopt);
        flags(quality);
    }
}

void Leg::flags(media::Quality const& quality) {
    std::pair<bool, std::string_view> const seen[] = {{quality.high_loss, "high_loss"}, {quality.high_jitter, "high_jitter"},
                                                      {quality.one_way_audio, "one_way_audio"}, {quality.silence, "silence"}};
    for (unsigned bit = 1; auto const& [on, flag] : seen) {
        if (on && !(flags_told_ & bit)) {
            flags_told_ |= bit;
            tell_(leg_signal::Flag{flag});
        }
        bit <<= 1;
    }
}

}  // namespace boni::call
