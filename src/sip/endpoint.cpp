// The public face: posts commands to the SIP thread and hands its news to the control executor. No libre in this file.
#include "sip/endpoint.hpp"

#include <atomic>
#include <deque>
#include <unordered_map>

#include "base/bell.hpp"
#include "sip/stack.hpp"
#include "sip/thread.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t unheard_max = 256;      // signals of a session before somebody listens; later ones are dropped, Ended is kept
constexpr std::size_t forgotten_max = 4096;   // sessions that ended before anybody listened; the oldest are dropped

}  // namespace

/// Lives on the control executor; what is posted to it holds it weakly, so that news for an endpoint that is gone vanish.
struct Endpoint::Control : std::enable_shared_from_this<Control> {
    struct Line {
        std::shared_ptr<std::function<void(Signal)>> listener;   // shared: a listener may end its own line while it runs
        std::deque<Signal> unheard;
        bool flushing = false;
    };

    Control(EndpointConfig with, Clock& at, asio::any_io_executor on) : config{std::move(with)}, clock{at}, executor{std::move(on)} {}

    EndpointConfig config;
    Clock& clock;
    asio::any_io_executor executor;
    std::function<void(Incoming)> incoming{};
    std::function<void(SessionId, std::vector<LadderMessage>)> ladder{};
    std::unordered_map<std::uint64_t, Line> lines{};
    std::deque<std::uint64_t> unheard_ends{};  // ids whose Ended waits for a listener
    std::vector<Trunk> trunks{};               // as last set; for the start
    std::shared_ptr<std::atomic<std::uint64_t>> last_id = std::make_shared<std::atomic<std::uint64_t>>(0);
    Thread thread{};
    std::unique_ptr<Stack> stack{};           // SIP thread only
    Address udp{};
    std::optional<Address> tls{};

    Outlet outlet();
    void deliver(SessionId id, Signal signal);
    void flush(SessionId id);
    template <class F>
    void on_sip(F work) {
        thread.post([this, work = std::move(work)]() mutable { work(*stack); });
    }
};

Outlet Endpoint::Control::outlet() {
    auto const post = [weak = weak_from_this(), executor = executor](auto work) {
        asio::post(executor, [weak, work = std::move(work)]() mutable {
            if (auto const control = weak.lock()) work(*control);
        });
    };
    Outlet out;
    out.next_id = [last = last_id] { return SessionId{++*last}; };
    out.incoming = [post](Incoming call) {
        post([call = std::move(call)](Control& control) mutable {
            auto const id = call.id;
            control.lines.try_emplace(std::to_underlying(id));
            if (control.incoming) return control.incoming(std::move(call));
            control.on_sip([id](Stack& stack) { stack.command(id, command::Reject{480, Cause::unreachable, {}, {}}); });
        });
    };
    out.signal = [post](SessionId id, Signal signal) {
        post([id, signal = std::move(signal)](Control& control) mutable { control.deliver(id, std::move(signal)); });
    };
    if (ladder)
        out.ladder = [post](SessionId id, std::vector<LadderMessage> messages) {
            post([id, messages = std::move(messages)](Control& control) mutable { control.ladder(id, std::move(messages)); });
        };
    return out;
}

void Endpoint::Control::deliver(SessionId id, Signal signal) {
    auto const found = lines.find(std::to_underlying(id));
    if (found == lines.end()) return;   // refused by the session layer before anybody heard of it
    auto& line = found->second;
    if (!line.listener || line.flushing) {
        auto const last = std::holds_alternative<signal::Ended>(signal);
        if (line.unheard.size() < unheard_max || last) line.unheard.push_back(std::move(signal));
        if (!last || line.listener) return;
        unheard_ends.push_back(std::to_underlying(id));
        if (unheard_ends.size() <= forgotten_max) return;
        auto const oldest = lines.find(unheard_ends.front());
        if (oldest != lines.end() && !oldest->second.listener) lines.erase(oldest);
        unheard_ends.pop_front();
        return;
    }
    auto const listener = line.listener;
    if (std::holds_alternative<signal::Ended>(signal)) lines.erase(found);
    (*listener)(std::move(signal));
}

/// What came before `listen`, on a turn of its own: a listener is never called from within `listen`.
void Endpoint::Control::flush(SessionId id) {
    auto const found = lines.find(std::to_underlying(id));
    if (found == lines.end()) return;
    found->second.flushing = false;
    for (auto& signal : std::exchange(found->second.unheard, {})) deliver(id, std::move(signal));
}

Endpoint::Endpoint(EndpointConfig config, Clock& clock, asio::any_io_executor control)
    : control_{std::make_shared<Control>(std::move(config), clock, std::move(control))} {}

Endpoint::~Endpoint() { stop(); }

Result<> Endpoint::start() {
    auto& control = *control_;
    return control.thread.start([&control]() -> Result<> {
        TRY(control.stack, Stack::open(control.config, control.clock, control.outlet()));
        control.udp = control.stack->wires().udp();
        control.tls = control.stack->wires().tls();
        control.stack->set_trunks(std::move(control.trunks));
        return {};
    });
}

Address Endpoint::udp() const { return control_->udp; }
std::optional<Address> Endpoint::tls() const { return control_->tls; }
void Endpoint::on_incoming(std::function<void(Incoming)> handler) { control_->incoming = std::move(handler); }
void Endpoint::on_ladder(std::function<void(SessionId, std::vector<LadderMessage>)> handler) { control_->ladder = std::move(handler); }

void Endpoint::listen(SessionId id, std::function<void(Signal)> listener) {
    auto const found = control_->lines.find(std::to_underlying(id));
    if (found == control_->lines.end()) return;
    auto& line = found->second;
    line.listener = std::make_shared<std::function<void(Signal)>>(std::move(listener));
    if (line.unheard.empty() || line.flushing) return;
    line.flushing = true;
    asio::post(control_->executor, [weak = std::weak_ptr{control_}, id] {
        if (auto const control = weak.lock()) control->flush(id);
    });
}

// --- commands ---------------------------------------------------------------------------------------------------------------

void Endpoint::command(SessionId id, Input input) {
    control_->on_sip([id, input = std::move(input)](Stack& stack) mutable { stack.command(id, std::move(input)); });
}

void Endpoint::ring(SessionId id, std::string offer) { command(id, command::Ring{std::move(offer)}); }
void Endpoint::early_media(SessionId id, std::string sdp) { command(id, command::EarlyMedia{std::move(sdp)}); }
void Endpoint::answer(SessionId id, std::string sdp) { command(id, command::Answer{std::move(sdp)}); }
void Endpoint::reject(SessionId id, int status, Cause cause, std::optional<std::uint32_t> retry_after, std::string warning) {
    command(id, command::Reject{status, cause, retry_after, {}, std::move(warning)});
}
void Endpoint::hangup(SessionId id, Cause cause, std::string text, std::optional<Reason> reason) {
    command(id, command::Hangup{cause, std::move(text), std::move(reason)});
}
void Endpoint::answer_offer(SessionId id, std::string sdp) { command(id, command::AnswerOffer{std::move(sdp)}); }
void Endpoint::refuse_offer(SessionId id, int status, std::string warning) { command(id, command::RefuseOffer{status, std::move(warning)}); }
void Endpoint::reoffer(SessionId id, std::string sdp) { command(id, command::SendOffer{std::move(sdp)}); }

SessionId Endpoint::dial(Dial dial) {
    SessionId const id{++*control_->last_id};
    control_->lines.try_emplace(std::to_underlying(id));
    if (!control_->thread.running()) {
        auto const cause = Cause::network_failure;
        control_->deliver(id, signal::Ended{{.cause = cause, .q850 = consequence(cause).q850, .text = "SIP is stopped"}});
        return id;
    }
    control_->on_sip([id, dial = std::move(dial)](Stack& stack) mutable { stack.dial(id, std::move(dial)); });
    return id;
}

// --- the operator's side ----------------------------------------------------------------------------------------------------

void Endpoint::set_trunks(std::vector<Trunk> trunks) {
    if (!control_->thread.running()) {
        control_->trunks = std::move(trunks);
        return;
    }
    control_->on_sip([trunks = std::move(trunks)](Stack& stack) mutable { stack.set_trunks(std::move(trunks)); });
}

std::vector<TrunkState> Endpoint::trunks() const {
    std::vector<TrunkState> states;
    control_->thread.run([&] { states = control_->stack->trunks().states(control_->clock.steady(), control_->clock.now()); });
    return states;
}

Result<> Endpoint::reload_tls() {
    Result<> result = fail(Errc::unavailable, "SIP is stopped");
    control_->thread.run([&] { result = control_->stack->wires().reload(); });
    return result;
}

void Endpoint::drain() {
    control_->on_sip([](Stack& stack) { stack.drain(); });
}

Task<> Endpoint::settle(std::chrono::milliseconds limit) {
    if (!control_->thread.running()) co_return;
    auto const quiet = std::make_shared<Bell>(control_->executor);   // shared with a SIP thread that is later than `limit`
    control_->on_sip([quiet, executor = control_->executor](Stack& stack) {
        stack.when_quiet([quiet, executor] { asio::post(executor, [quiet] { quiet->ring(); }); });
    });
    co_await quiet->rung_within(limit);
}

void Endpoint::stop() {
    control_->thread.stop([control = control_.get()] { control->stack.reset(); });
}

}  // namespace boni::sip
