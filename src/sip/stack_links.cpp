// Sessions from their beginning to their ladder: calls placed, signals passed on, the dead removed on a later turn of the loop.
#include <algorithm>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "sip/health.hpp"
#include "sip/normalise.hpp"
#include "sip/registration.hpp"
#include "sip/stack.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr auto pulse_every = 200ms;
constexpr auto streams_every = 1s;
constexpr auto interfaces_every = 5s;
constexpr auto late_max = 500ms;           // T1: beyond it peers repeat themselves and make it worse
constexpr auto pace_wait = 500ms;          // a call waits so long for its trunk's calls per second (sip.md 5)
constexpr auto pace_retry = 20ms;
constexpr auto linger = 500ms;             // T1: the ACK to a refusal, seen by libre alone, is part of the ladder, where one is kept
constexpr std::size_t headers_extra_max = 32;

std::string uri_host(std::string const& host) {
    auto const address = Address::parse(host, 0);
    return address && address->family == AF_INET6 ? '[' + host + ']' : host;
}

std::string target_uri(std::string const& user, Target const& target) {
    auto const port = target.port ? ':' + std::to_string(*target.port) : std::string{};
    auto const transport = target.transport == Transport::udp ? std::string{} : ";transport=" + std::string{name(target.transport)};
    return fmt::format("sip:{}@{}{}{}", user, uri_host(target.host), port, transport);
}

/// A From user is what may stand before the @ (RFC 3261 25.1); the rest is percent-encoded.
std::string from_user(std::string const& user, Trunk const* trunk) {
    if (user.empty()) return "anonymous";
    return outgoing(trunk ? trunk->numbers.from : "{raw}", user);
}

}  // namespace

Stack::~Stack() {
    wires_.silence();   // what is torn down below must not send
    tarpit_.clear();
    paced_.clear();
    registrations_.reset();
    health_.reset();
    links_.clear();
}

void Stack::set_trunks(std::vector<Trunk> trunks) {
    trunks_.replace(std::move(trunks));
    health_->start();
    registrations_->start();
}

void Stack::drain() {
    draining_ = true;
    registrations_->withdraw();
}

void Stack::when_quiet(std::function<void()> then) {
    if (links_.empty()) return then();
    quiet_ = std::move(then);
}

void Stack::command(SessionId id, Input input) {
    backlog_.taken_up(id);
    if (auto const found = links_.find(std::to_underlying(id)); found != links_.end()) return found->second->on(std::move(input));
    if (!std::holds_alternative<command::Hangup>(input) || paced_.erase(std::to_underlying(id)) == 0) return;
    refuse_dial(id, std::get<command::Hangup>(input).cause, {});
}

SessionOptions Stack::options(Trunk const* trunk) const {
    SessionOptions options;
    options.times = config_.times;
    options.session_expires = trunk && !trunk->timers ? 0 : config_.session_expires;
    options.offer_100rel = !trunk || trunk->reliable;
    options.send_update = !trunk || trunk->update;
    options.refer = trunk && trunk->refer;
    options.redirects_max = trunk ? trunk->redirects_max : 0;
    options.random = random_below;
    return options;
}

Link& Stack::add(SessionId id, Role role, Trunk const* trunk) {
    auto link = std::make_unique<Link>(ground_, id, role, options(trunk), trunk ? std::optional{*trunk} : std::nullopt);
    return *links_.emplace(std::to_underlying(id), std::move(link)).first->second;
}

/// A loop that is late has more to do than it can: new calls are refused until it has kept its time for a second.
void Stack::pulse() {
    auto const now = clock_.steady();
    if (pulse_due_ != Steady{} && now - pulse_due_ > late_max) {
        late_until_ = now + 1s;
        log_warning("sip", "the SIP loop is late", {{"ms", std::to_string(std::chrono::ceil<std::chrono::milliseconds>(now - pulse_due_).count())}});
    }
    pulse_due_ = now + pulse_every;
    if (now >= streams_due_) look_at_streams(now);
    if (now >= interfaces_due_) {
        interfaces_due_ = now + interfaces_every;
        wires_.follow_interfaces();
    }
    pulse_.set(pulse_due_);
}

void Stack::look_at_streams(Steady now) {
    streams_due_ = now + streams_every;
    std::vector<Address> listeners{wires_.udp()};
    if (auto const tls = wires_.tls()) listeners.push_back(*tls);
    streams_.look(listeners, [this](Address const& peer) { return trunks_.match(peer, {}) != nullptr; }, now);
}

// --- calls we place ---------------------------------------------------------------------------------------------------------

void Stack::dial(SessionId id, Dial dial) { place(id, std::move(dial), clock_.steady() + pace_wait); }

void Stack::place(SessionId id, Dial dial, Steady give_up_at) {
    auto const* const trunk = dial.trunk.empty() ? nullptr : trunks_.find(dial.trunk);
    if (!dial.trunk.empty() && !trunk) return refuse_dial(id, Cause::network_failure, "no trunk of that name");
    if (live() >= config_.sessions_max) return refuse_dial(id, Cause::overload, "too many sessions");
    auto request = outgoing(dial, trunk);
    if (!request) return refuse_dial(id, Cause::invalid_number, request.error().what);
    if (trunk) {
        auto const admitted = trunks_.admit_out(trunk->name, clock_.steady(), clock_.now());
        if (admitted == Admitted::talked_out) return refuse_dial(id, Cause::no_circuit, "the trunk has talked all its minutes of the day", 503);
        if (admitted == Admitted::no_circuit) return refuse_dial(id, Cause::no_circuit, "the trunk is at its channel limit", 503);
        if (admitted == Admitted::too_fast) {
            if (clock_.steady() >= give_up_at) return refuse_dial(id, Cause::congestion, "the trunk is at its calls per second", 503);
            auto& waits = paced_[std::to_underlying(id)];
            waits.reset(new Paced{std::move(dial), give_up_at, {alarms_, [this, id] {
                auto const waited = paced_.extract(std::to_underlying(id));
                place(id, std::move(waited.mapped()->dial), waited.mapped()->give_up_at);
            }}});
            return waits->retry.set(clock_.steady() + pace_retry);
        }
    }
    auto& link = add(id, Role::uac, trunk);
    by_call_id_.emplace(link.call_id(), &link);
    link.call(*std::move(request));
}

void Stack::refuse_dial(SessionId id, Cause cause, std::string text, int status) {
    outlet_.signal(id, signal::Ended{{.cause = cause, .sip_status = status, .q850 = consequence(cause).q850, .text = std::move(text)}});
}

Result<Outgoing> Stack::outgoing(Dial const& dial, Trunk const* trunk) const {
    Outgoing request;
    request.offer = dial.offer.value_or("");
    request.from_display = dial.from_display;
    request.from_user = from_user(dial.from_user, trunk);
    if (trunk && !trunk->numbers.asserted.empty() && !dial.from_user.empty())
        request.asserted_user = sip::outgoing(trunk->numbers.asserted, dial.from_user);
    if (dial.credentials) request.logins.push_back(*dial.credentials);
    if (trunk && trunk->auth) request.logins.push_back(*trunk->auth);
    if (dial.headers.size() > headers_extra_max) return fail(Errc::limit, "too many extra headers");
    for (auto const& [name, value] : dial.headers)
        if (name.empty() || !fits_line(name) || !fits_line(value) || name.find_first_of(": \t") != std::string::npos)
            return fail(Errc::invalid, "an extra header does not fit on a line");
    request.headers = dial.headers;
    if (!dial.request_uri.empty()) {
        auto const plain = fits_line(dial.request_uri) && dial.request_uri.find_first_of("<> \t\"") == std::string::npos;
        auto const target = plain ? target_of(dial.request_uri) : std::nullopt;
        if (!target) return fail(Errc::invalid, "the request URI is no SIP address");
        request.targets = {*target};
        // sips: means TLS to the next hop and a scheme libre's peers may refuse; the transport says the same.
        auto uri = dial.request_uri;
        if (starts_with_word(uri, "sips:")) uri = "sip:" + uri.substr(5) + ";transport=tls";
        request.request_uri = [uri](Target const&) { return uri; };
        request.to_uri = uri;
    } else {
        if (!trunk || dial.to.empty()) return fail(Errc::invalid, "a dial names a request URI, or a trunk and a number");
        request.targets = trunk->targets;
        if (request.targets.empty()) return fail(Errc::invalid, "the trunk has no targets");
        request.routes = trunks_.service_route(trunk->name);
        auto user = sip::outgoing(trunk->numbers.request_uri, dial.to);
        request.request_uri = [user](Target const& target) { return target_uri(user, target); };
    }
    if (dial.next_hop) {
        auto const& target = request.targets.front();
        request.first_hop = Hop{*dial.next_hop, target.transport, target.transport == Transport::tls ? target.host : std::string{}};
    }
    return request;
}

// --- and all of them --------------------------------------------------------------------------------------------------------

void Stack::tell(Link& link, Signal signal) {
    if (std::holds_alternative<signal::Incoming>(signal)) return;   // announced with everything else the INVITE said
    if (std::holds_alternative<signal::Ended>(signal)) backlog_.taken_up(link.id());
    if (auto const& trunk = link.trunk()) {
        auto const call = std::to_underlying(link.id());
        auto const talks = std::holds_alternative<signal::Confirmed>(signal) || std::holds_alternative<signal::Answered>(signal);
        if (talks) trunks_.talks(trunk->name, call, clock_.steady());
        if (std::holds_alternative<signal::Ended>(signal))
            trunks_.over(trunk->name, link.role() == Role::uas, call, clock_.steady(), clock_.now());
    }
    outlet_.signal(link.id(), std::move(signal));
}

void Stack::done(Link& link) {
    auto const at = clock_.steady() + (outlet_.ladder ? linger : 0ms);   // not now: the link is on the stack of this very call
    finished_.push_back({link.id(), at});
    if (finished_.size() == 1) burial_.set(at);
}

void Stack::bury() {
    auto const now = clock_.steady();
    for (; !finished_.empty() && finished_.front().at <= now; finished_.pop_front()) {
        auto const id = finished_.front().id;
        auto const found = links_.find(std::to_underlying(id));
        auto& link = *found->second;
        if (outlet_.ladder) outlet_.ladder(id, link.ladder().take());
        auto const [first, last] = by_call_id_.equal_range(link.call_id());
        auto const entry = std::find_if(first, last, [&](auto const& one) { return one.second == &link; });
        if (entry != last) by_call_id_.erase(entry);
        links_.erase(found);
    }
    if (!finished_.empty()) burial_.set(finished_.front().at);
    if (auto const then = links_.empty() ? std::exchange(quiet_, {}) : nullptr) then();
}

}  // namespace boni::sip
