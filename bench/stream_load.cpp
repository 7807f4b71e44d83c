// Callers and a customer's bot in one process, against a running boni: what a streamed call costs, and how old its audio is.
// Every packet of a caller and every frame of the bot is one mu-law value, repeated; each is a number modulo 100, so that whoever hears
// a value knows when it was sent. Now and then the bot sends half a second at once with a mark behind it, then a second that it clears.
// tools/load.py --stream starts both sides on cores of their own and adds the server's CPU and memory.
#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "media/sdp.hpp"
#include "sip/endpoint.hpp"
#include "signals.hpp"
#include "target.hpp"

using namespace boni;

namespace {

namespace ws = boost::beast::websocket;
using std::chrono::duration;
using asio::ip::tcp, asio::ip::udp;

constexpr auto frame_time = 20ms;
constexpr std::size_t frame_bytes = 160, numbers = 100;
constexpr std::uint8_t first_value = 0x80;             // loud: nobody takes it for silence
constexpr std::uint8_t marked_value = 0xe8, cleared_value = 0xea, silence = 0xff;
constexpr std::size_t round_frames = 400, marked_frames = 25, cleared_frames = 50;   // of the bot: what it does in 8 s
constexpr std::size_t clear_after_frames = 15;
constexpr std::uint64_t speech_frames = 100, pause_frames = 10;   // of a caller: people pause, and a jitter buffer needs it
constexpr auto setup_max = 15s;
constexpr auto concealed_after = 1s;

struct Options : bench::Target {
    int calls = 100;
    double seconds = 120, ramp = 10;
};

/// Ages in ms of one kind, over all calls.
class Ages {
  public:
    void add(Steady::duration age) { values_.push_back(duration<float, std::milli>{age}.count()); }
    json::object report() {
        std::ranges::sort(values_);
        auto const at = [&](double share) { return values_.empty() ? 0.f : values_[std::min(values_.size() - 1, std::size_t(share * double(values_.size())))]; };
        return {{"n", values_.size()}, {"p50", at(.5)}, {"p95", at(.95)}, {"p99", at(.99)}, {"max", at(1)}};
    }

  private:
    std::vector<float> values_;
};

struct Figures {
    Ages to_bot, to_caller, first_to_caller, mark_error, clear_to_silence;
    std::int64_t lost_to_bot = 0, lost_to_caller = 0, concealed = 0, wrong_timestamps = 0;
    double talked = 0;   // s
    std::map<std::string, int> failures;
};

/// What one side sent, by its number; the other finds when.
class Sent {
  public:
    std::uint8_t next() {
        at_[count_ % numbers] = system_clock().steady();
        return std::uint8_t(first_value + count_++ % numbers);
    }
    static bool counted(std::uint8_t value) { return value >= first_value && value < first_value + numbers; }
    Steady when(std::uint8_t value) const { return at_[value - first_value]; }

  private:
    std::array<Steady, numbers> at_{};
    std::uint64_t count_ = 0;
};

/// Numbers as they arrive: one that is left out was lost. A number may be heard twice where a frame lies across two packets.
class Heard {
  public:
    std::int64_t missed(std::uint8_t value) {
        auto const step = last_ ? (value - *last_ + int(numbers)) % int(numbers) : 1;
        last_ = value;
        return step < 2 ? 0 : step - 1;
    }
    void restart() { last_.reset(); }

  private:
    std::optional<int> last_;
};

struct StreamedCall {
    explicit StreamedCall(asio::any_io_executor where) : rtp{where, udp::endpoint{asio::ip::address_v4::loopback(), 0}}, tick{where} {}
    udp::socket rtp;
    asio::steady_timer tick;
    udp::endpoint server;
    Sent from_caller, from_bot;
    Heard at_bot, at_caller;
    std::uint8_t last_heard = silence;       // at the caller
    Steady burst_at{}, marked_until{}, cleared_at{};   // the marked audio is written, its last packet is heard; `clear` is written
    bool live = false, streamed = false, restart = false;
};

class StreamLoad {
  public:
    explicit StreamLoad(Options options)
        : options_{std::move(options)}, server_address_{*Address::parse_host_port(options_.sip)},
          endpoint_{{.listen = *Address::parse("127.0.0.1", 0), .vet = [](Address const&) { return true; }}, system_clock(), io_.get_executor()},
          resolver_{io_.get_executor()}, client_{io_.get_executor(), policy_, resolver_},
          acceptor_{io_, {asio::ip::address_v4::loopback(), 0}} {}

    int run() {
        if (auto const started = endpoint_.start(); !started) throw std::runtime_error(started.error().what);
        spawn(io_.get_executor(), "bots", accept());
        spawn(io_.get_executor(), "load", everything());
        io_.run();
        json::object why;
        for (auto const& [reason, count] : figures_.failures) why[reason] = count;
        auto const failed = !why.empty();
        std::cout << json::serialize(json::object{{"calls", calls_.size()}, {"why", std::move(why)}, {"callSeconds", figures_.talked},
            {"callerToBotMs", figures_.to_bot.report()}, {"botToCallerMs", figures_.to_caller.report()}, {"firstToCallerMs", figures_.first_to_caller.report()},
            {"markErrorMs", figures_.mark_error.report()}, {"clearToSilenceMs", figures_.clear_to_silence.report()},
            {"lostToBot", figures_.lost_to_bot}, {"lostToCaller", figures_.lost_to_caller}, {"concealed", figures_.concealed},
            {"wrongTimestamps", figures_.wrong_timestamps}}) << std::endl;
        return failed ? 1 : 0;
    }

  private:
    Task<> everything();
    Task<> call(std::string from, StreamedCall& line);
    Task<> speak(StreamedCall& line);
    Task<> listen(StreamedCall& line);
    void heard(StreamedCall& line, std::uint8_t first);
    Task<> accept();
    Task<> bot(tcp::socket socket);
    Task<> bot_speaks(std::shared_ptr<ws::stream<tcp::socket>> stream, StreamedCall& line, std::string sid);
    void bot_hears(StreamedCall& line, std::string_view message);

    Options options_;
    Address server_address_;
    asio::io_context io_{1};
    sip::Endpoint endpoint_;
    egress::Policy policy_{.allow_loopback = true};
    egress::DnsResolver resolver_;
    egress::HttpClient client_;
    tcp::acceptor acceptor_;
    std::map<std::string, StreamedCall> calls_;      // by caller
    Figures figures_;
    Steady until_{};
    int running_ = 0;
};

Task<> StreamLoad::everything() {
    auto const url = "ws://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/media";
    auto const routed = co_await options_.ask(client_, "PUT", "/numbers/" + options_.number_id + "/route",
                                              {{"primary", json::object{{"type", "media_stream"}, {"url", url}, {"bidirectional", true}}}});
    if (!routed) throw std::runtime_error(routed.error().what);
    until_ = system_clock().steady() + std::chrono::milliseconds{static_cast<long long>((options_.seconds + options_.ramp) * 1000)};
    for (auto index = 0; index < options_.calls; ++index) {
        auto const from = "+9198" + std::to_string(10'000'000 + index);
        auto& line = calls_.try_emplace(from, io_.get_executor()).first->second;
        ++running_;
        spawn(io_.get_executor(), "caller", call(from, line));
        co_await wait_for(std::chrono::microseconds{static_cast<long long>(options_.ramp * 1e6 / options_.calls)});
    }
    while (running_ > 0) co_await wait_for(50ms);
    endpoint_.stop();
    client_.close_idle();
    io_.stop();
}

Task<> StreamLoad::call(std::string from, StreamedCall& line) {
    auto const inbox = std::make_shared<bench::Signals<sip::Signal>>(io_.get_executor());   // shared: a call given up still ends, later
    media::SdpState sdp;
    sip::Dial dial{.request_uri = "sip:" + options_.number + '@' + options_.sip, .from_user = from, .next_hop = server_address_};
    dial.offer = media::make_offer(*Address::parse("127.0.0.1", line.rtp.local_endpoint().port()), {.codecs = {"PCMU"}}, sdp);
    auto const session = endpoint_.dial(std::move(dial));
    endpoint_.listen(session, [inbox](sip::Signal signal) { inbox->push(std::move(signal)); });
    Steady began{};
    auto asked_to_end = false;
    for (;;) {
        auto const patience = began == Steady{} || asked_to_end ? Steady::duration{setup_max} : std::max(Steady::duration{1ms}, until_ - system_clock().steady());
        auto signal = co_await inbox->next(patience);
        if (!signal) {
            if (asked_to_end || began == Steady{}) {
                ++figures_.failures[asked_to_end ? "did not end" : "no answer"];
                break;
            }
            asked_to_end = true;
            endpoint_.hangup(session, sip::Cause::normal);
        } else if (auto const* yes = std::get_if<sip::signal::Answered>(&*signal)) {
            auto const agreed = media::accept_answer(yes->sdp, sdp);
            if (!agreed) {
                ++figures_.failures["bad SDP answer"];
                endpoint_.hangup(session, sip::Cause::normal);
                asked_to_end = true;
                continue;
            }
            line.server = {asio::ip::address_v4::loopback(), agreed->remote.port};
            began = system_clock().steady();
            line.live = true;
            spawn(io_.get_executor(), "speak", speak(line));
            spawn(io_.get_executor(), "listen", listen(line));
        } else if (std::get_if<sip::signal::Ended>(&*signal)) {
            if (!asked_to_end) ++figures_.failures["ended early"];
            break;
        }
    }
    line.live = false;
    if (began != Steady{}) figures_.talked += duration<double>{system_clock().steady() - began}.count();
    if (!line.streamed) ++figures_.failures["no stream"];
    boost::system::error_code ignored;
    line.rtp.cancel(ignored);
    --running_;
}

/// 50 packets per second by the clock, never by the last packet.
Task<> StreamLoad::speak(StreamedCall& line) {
    std::array<std::uint8_t, 12 + frame_bytes> packet{0x80, 0x80};   // RFC 3550 5.1: V=2, marker, PCMU
    std::ranges::fill(std::span{packet}.subspan(8, 4), std::uint8_t(random_below(255)));
    std::uint16_t sequence = 0;
    auto next = system_clock().steady() + std::chrono::microseconds{random_below(20'000)};
    while (line.live) {
        line.tick.expires_at(next);
        boost::system::error_code error;
        co_await line.tick.async_wait(asio::redirect_error(asio::use_awaitable, error));
        next += frame_time;
        packet[2] = std::uint8_t(sequence >> 8), packet[3] = std::uint8_t(sequence);
        auto const stamp = std::uint32_t(sequence) * std::uint32_t(frame_bytes);
        for (auto byte = 0uz; byte < 4; ++byte) packet[4 + byte] = std::uint8_t(stamp >> (24 - 8 * byte));
        auto const pauses = sequence % (speech_frames + pause_frames) >= speech_frames;
        std::ranges::fill(std::span{packet}.subspan(12), pauses ? silence : line.from_caller.next());
        line.rtp.send_to(asio::buffer(packet), line.server, 0, error);
        packet[1] = 0;
        ++sequence;
    }
}

Task<> StreamLoad::listen(StreamedCall& line) {
    std::array<std::uint8_t, 512> packet{};
    while (line.live) {
        udp::endpoint from;
        boost::system::error_code error;
        auto const size = co_await line.rtp.async_receive_from(asio::buffer(packet), from, asio::redirect_error(asio::use_awaitable, error));
        if (!error && size == 12 + frame_bytes && (packet[1] & 0x7f) == 0) heard(line, packet[12]);
    }
}

void StreamLoad::heard(StreamedCall& line, std::uint8_t first) {
    auto const now = system_clock().steady();
    if (Sent::counted(first)) {
        if (std::exchange(line.restart, false)) line.at_caller.restart();
        if (first != line.last_heard) figures_.to_caller.add(now - line.from_bot.when(first));
        figures_.lost_to_caller += line.at_caller.missed(first);
    }
    if (first == marked_value) line.marked_until = now;
    if (first == marked_value && line.burst_at != Steady{}) figures_.first_to_caller.add(now - std::exchange(line.burst_at, Steady{}));
    if (line.cleared_at != Steady{} && first != cleared_value) {
        figures_.clear_to_silence.add(now - line.cleared_at);
        line.cleared_at = {};
    }
    line.last_heard = first;
}

Task<> StreamLoad::accept() {
    for (;;) {
        boost::system::error_code error;
        auto socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        spawn(io_.get_executor(), "bot", bot(std::move(socket)));
    }
}

Task<> StreamLoad::bot(tcp::socket socket) {
    socket.set_option(tcp::no_delay{true});
    auto const stream = std::make_shared<ws::stream<tcp::socket>>(std::move(socket));
    boost::system::error_code error;
    co_await stream->async_accept(asio::redirect_error(asio::use_awaitable, error));
    StreamedCall* line = nullptr;
    boost::beast::flat_buffer buffer;
    while (!error) {
        buffer.clear();
        co_await stream->async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
        std::string_view const message{static_cast<char const*>(buffer.cdata().data()), buffer.size()};
        if (!error && line) bot_hears(*line, message);
        if (error || line || message.find(R"("event":"start")") == message.npos) continue;
        auto const start = json::parse(message)->as_object().at("start").as_object();
        auto const known = calls_.find(std::string{*json::text(start.at("customParameters").as_object(), "from_number")});
        if (known == calls_.end()) co_return;
        line = &known->second;
        line->streamed = true;
        spawn(io_.get_executor(), "bot speaks", bot_speaks(stream, *line, std::string{*json::text(start, "streamSid")}));
    }
}

Task<> StreamLoad::bot_speaks(std::shared_ptr<ws::stream<tcp::socket>> stream, StreamedCall& line, std::string sid) {
    boost::system::error_code error;
    asio::steady_timer tick{io_};
    stream->text(true);
    auto const say = [&](std::string text) -> Task<> { co_await stream->async_write(asio::buffer(text), asio::redirect_error(asio::use_awaitable, error)); };
    auto const media = [&](std::uint8_t value, std::size_t frames) {
        return R"({"event":"media","streamSid":")" + sid + R"(","media":{"payload":")" + base64(std::string(frames * frame_bytes, char(value))) + R"("}})";
    };
    auto next = system_clock().steady() + std::chrono::microseconds{random_below(20'000)};
    auto const pause = [&](std::size_t frames) -> Task<> {
        next += frames * frame_time;
        tick.expires_at(next);
        co_await tick.async_wait(asio::redirect_error(asio::use_awaitable, error));
    };
    auto at = random_below(round_frames);   // not all bots in step
    while (line.live || !error) {
        co_await pause(1);
        if (error || !stream->is_open()) co_return;
        if (++at < round_frames) {
            co_await say(media(line.from_bot.next(), 1));
            continue;
        }
        at = 0;
        co_await pause(10);                  // what was said is heard first
        line.burst_at = system_clock().steady();
        co_await say(media(marked_value, marked_frames));
        co_await say(R"({"event":"mark","streamSid":")" + sid + R"(","mark":{"name":"m"}})");
        co_await pause(marked_frames + 10);
        co_await say(media(cleared_value, cleared_frames));
        co_await pause(clear_after_frames);
        line.cleared_at = system_clock().steady();
        co_await say(R"({"event":"clear","streamSid":")" + sid + R"("})");
        co_await pause(20);
        line.restart = true;
    }
}

void StreamLoad::bot_hears(StreamedCall& line, std::string_view message) {
    auto const now = system_clock().steady();
    auto const field = [&](std::string_view name) {
        auto const at = message.find(name);
        if (at == message.npos) return std::string_view{};
        auto const begin = at + name.size();
        return message.substr(begin, message.find('"', begin) - begin);
    };
    if (message.starts_with(R"({"event":"mark")")) {
        figures_.mark_error.add(now > line.marked_until ? now - line.marked_until : line.marked_until - now);
        return;
    }
    if (!message.starts_with(R"({"event":"media")")) return;
    auto const chunk = std::stoull(std::string{field(R"("chunk":")")});
    if (std::stoull(std::string{field(R"("timestamp":")")}) != (chunk - 1) * 20) ++figures_.wrong_timestamps;
    auto const payload = unbase64(field(R"("payload":")"));
    if (!payload || payload->empty()) return;
    auto const last = std::uint8_t(payload->back());
    if (!Sent::counted(last)) return;
    if (now - line.from_caller.when(last) > concealed_after) {   // a number that was not sent of late is what concealment made of another
        ++figures_.concealed;
        return;
    }
    figures_.to_bot.add(now - line.from_caller.when(last));
    figures_.lost_to_bot += line.at_bot.missed(last);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Load for a running boni: callers and a customer's bot in one process."};
    options.declare(app);
    app.add_option("--calls", options.calls, "calls at any time")->capture_default_str();
    app.add_option("--seconds", options.seconds, "how long each call lasts, at least")->capture_default_str();
    app.add_option("--ramp", options.ramp, "seconds over which the calls start")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return StreamLoad{std::move(options)}.run();
}
