#include "support/fake_platform.hpp"

using boni::test::Platform;

namespace boni::sip {
namespace {

void ended(SessionId id, Ending ending) {
    asio::post(Platform::now->io, [listener = Platform::now->sessions[std::uint64_t(id)], ending] { listener(signal::Ended{ending}); });
}

}  // namespace

struct Endpoint::Control {};
Endpoint::Endpoint(EndpointConfig, Clock&, asio::any_io_executor) {}
Endpoint::~Endpoint() = default;
Address Endpoint::udp() const { return *Address::parse("127.0.0.1", 5060); }
void Endpoint::on_incoming(std::function<void(Incoming)> handler) { Platform::now->incoming = std::move(handler); }
void Endpoint::listen(SessionId id, std::function<void(Signal)> listener) { Platform::now->sessions[std::uint64_t(id)] = std::move(listener); }
void Endpoint::ring(SessionId, std::string offer) { Platform::now->sip.push_back(offer.empty() ? "180" : "180 with an offer"); }
void Endpoint::early_media(SessionId, std::string) { Platform::now->sip.push_back("183"); }
void Endpoint::answer(SessionId id, std::string) {
    Platform::now->sip.push_back("200");
    if (!Platform::now->answers_leave) return;
    asio::post(Platform::now->io, [listener = Platform::now->sessions[std::uint64_t(id)], acknowledged = Platform::now->answers_arrive] {
        listener(signal::Accepted{});
        if (acknowledged) listener(signal::Confirmed{});
    });
}
void Endpoint::answer_offer(SessionId, std::string) { Platform::now->sip.push_back("200 to offer"); }
void Endpoint::refuse_offer(SessionId, int status, std::string warning) {
    Platform::now->sip.push_back(std::to_string(status) + " to offer" + (warning.empty() ? "" : ": " + warning));
}
void Endpoint::drain() {}
void Endpoint::reject(SessionId id, int status, Cause cause, std::optional<std::uint32_t> after, std::string warning) {
    Platform::now->sip.push_back(std::to_string(status) + ' ' + std::string{name(cause)} + (after ? " later" : "") + (warning.empty() ? "" : ": " + warning));
    if (Platform::now->sessions.contains(std::uint64_t(id))) ended(id, {.cause = cause, .sip_status = status});
}
void Endpoint::hangup(SessionId id, Cause cause, std::string, std::optional<Reason> reason) {
    Platform::now->sip.push_back("BYE " + std::string{name(cause)} + ' ' + (reason ? std::to_string(reason->cause) : ""));
    if (Platform::now->hung_up) asio::post(Platform::now->io, Platform::now->hung_up);
    ended(id, {.cause = cause});
}

}  // namespace boni::sip

namespace boni::media {

struct Engine::Inner {};
struct Port::Handle {
    std::uint64_t plays = 0;
};
Engine::Engine(EngineConfig, asio::any_io_executor) {}
Engine::~Engine() = default;
bool Engine::overloaded() const { return false; }
Result<std::unique_ptr<Port>> Engine::open(OnEvent on_event, std::string, std::string public_ip) {
    if (Platform::now->ports_free == 0) return fail(Errc::unavailable, "no RTP port is free");
    --Platform::now->ports_free;
    Platform::now->port_event = std::move(on_event);
    Platform::now->media.push_back(public_ip.empty() ? "open" : "open as " + public_ip);
    return std::unique_ptr<Port>(new Port(std::make_unique<Port::Handle>()));
}
Port::Port(std::unique_ptr<Handle> handle) : handle_{std::move(handle)} {}
Port::~Port() {
    Platform::now->media.push_back("close");
    Platform::now->port_event = nullptr;
    if (Platform::now->recording) Platform::now->recording->cancel();
}
Address Port::local() const { return *Address::parse("127.0.0.1", 17000); }
void Port::start(PortConfig config) { Platform::now->media.push_back(config.answered ? "start" : "start unanswered"); }
void Port::update(PortConfig config) {
    auto const* const what = config.answered ? "update" : "update unanswered";
    Platform::now->media.push_back(config.direction == Direction::send_only ? "hold" : what);
}
PlayId Port::play(Clip, PlayOptions) {
    auto const id = ++handle_->plays;
    Platform::now->media.push_back("play");
    auto const timer = std::make_shared<asio::steady_timer>(Platform::now->io, Platform::now->clip_length);
    Platform::now->playing[id] = timer;
    timer->async_wait([id](boost::system::error_code stopped) {
        if (Platform::now && Platform::now->port_event) Platform::now->port_event(Played{PlayId{id}, Platform::now->clip_length, !stopped});
    });
    return PlayId{id};
}
void Port::stop(PlayId id) {
    Platform::now->media.push_back("stop");
    Platform::now->playing[std::uint64_t(id)]->cancel();
}
void Port::listen(std::shared_ptr<Tap>) { Platform::now->media.push_back("listen"); }
void Port::unlisten(std::shared_ptr<Tap>) { Platform::now->media.push_back("unlisten"); }
void Port::feed(std::shared_ptr<Feed>) {}
void Port::digits_from_signalling(char key) {
    asio::post(Platform::now->io, [key] {
        if (Platform::now->port_event) Platform::now->port_event(Digit{key, Digit::Path::signalling, std::chrono::steady_clock::now()});
    });
}
/// A second of silence, unless the disk is full; it ends with the port or when it is told to.
Task<Result<>> Port::record_to(std::filesystem::path file, RecordOptions options) {
    co_await wait_for(Platform::now->disk_delay);
    if (Platform::now->disk_full) co_return fail(Errc::unavailable, "recording: the disk is nearly full");
    Platform::now->media.push_back((options.stereo ? "record dual " : "record mixed ") + file.string());
    Platform::now->recording = std::make_shared<asio::steady_timer>(Platform::now->io, Steady::max());
    co_return Result<>{};
}
Task<Result<Recorded>> Port::stop_recording() {
    if (!Platform::now->recording) co_return fail(Errc::not_found, "recording: none is running");
    Platform::now->recording->cancel();
    co_return co_await recorded();
}
Task<Result<Recorded>> Port::recorded() {
    auto const recording = Platform::now->recording;
    boost::system::error_code woken;
    if (recording->expiry() == Steady::max()) co_await recording->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    recording->expires_at(Steady::min());
    if (Platform::now->disk_full) co_return fail(Errc::unavailable, "recording: cannot write");
    co_return Recorded{.samples = 8000, .bytes = 16'044, .cut_short = Platform::now->cut_short};
}
Task<Quality> Port::close() { co_return Quality{.packets_sent = 5, .mos = 4.2, .mos_min = 4}; }

// The grammar of SDP, reduced to what a test can say in one word.
Result<Agreed> answer_offer(std::string_view offer, Address, SdpPreferences const&, SdpState&) {
    if (offer == "unusable") return fail(Errc::invalid, "no common codec");
    if (offer == "hold") return Agreed{"answer", {.direction = Direction::send_only}};
    return Agreed{"answer", {}};
}
std::string make_offer(Address, SdpPreferences const&, SdpState&, Direction) { return "offer"; }
Result<PortConfig> accept_answer(std::string_view answer, SdpState&) {
    if (answer == "unusable") return fail(Errc::invalid, "no common codec");
    return PortConfig{};
}

}  // namespace boni::media

namespace boni::speech {

struct Prompts::Inner {};
Prompts::Prompts(PromptConfig, Pool&, egress::HttpClient&, Clock&) {}
Prompts::~Prompts() = default;
Task<Result<media::Clip>> Prompts::load(TenantId, Prompt prompt, Synthesised synthesised) {
    co_await wait_for(1ms);
    if (prompt.text == "broken") co_return fail(Errc::unavailable, "espeak-ng ended", {}, "tts_failed");
    if (prompt.text.starts_with("new")) synthesised(std::int64_t(prompt.text.size()));   // the rest is in the cache
    co_return std::make_shared<media::Pcm const>();
}

}  // namespace boni::speech
