// What a call costs on its media thread: CPU time per call-second, beside a bare epoll loop that receives and sends the same
// packets and does nothing with them. media_bench [calls] [seconds]; the peers run on core 0, what is measured on core 1.
#include <atomic>
#include <cmath>
#include <fstream>
#include <iostream>
#include <thread>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "base/metrics.hpp"
#include "media/codec.hpp"
#include "media/engine.hpp"
#include "media/packet.hpp"
#include "media/sockets.hpp"

using namespace boni;

namespace {

using Ns = std::chrono::nanoseconds;

void pin(unsigned core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    pthread_setaffinity_np(pthread_self(), sizeof cores, &cores);
}

Ns cpu_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return std::chrono::seconds{time.tv_sec} + Ns{time.tv_nsec};
}

/// On-CPU time of all threads of this process with that name.
Ns cpu_of_threads(std::string const& name) {
    Ns sum{};
    for (auto const& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
        std::string comm;
        std::ifstream{task.path() / "comm"} >> comm;
        long long ns = 0;
        std::ifstream{task.path() / "schedstat"} >> ns;
        if (comm == name) sum += Ns{ns};
    }
    return sum;
}

long resident_kb() {
    long size = 0, pages = 0;
    std::ifstream{"/proc/self/statm"} >> size >> pages;
    return pages * (::getpagesize() / 1024);
}

/// The other ends: each sends 20 ms of a tone 50 times per second and counts what it hears.
class Peers {
  public:
    explicit Peers(std::size_t count) {
        std::array<std::int16_t, 160> tone;
        for (auto i = 0uz; i < tone.size(); ++i) tone[i] = std::int16_t(8000 * std::sin(double(i) * 0.3927));
        media::find_codec("PCMU")->encode(tone, std::span{packet_}.subspan(media::rtp_header_size));
        for (auto i = 0uz; i < count; ++i) {
            auto pair = media::bind_pair(*Address::parse("127.0.0.1", std::uint16_t(40'000 + 2 * i)));
            if (!pair) throw std::runtime_error{pair.error().what};
            sockets_.push_back(std::move(*pair));
        }
    }
    ~Peers() { stop(); }
    Address local(std::size_t which) const { return *Address::parse("127.0.0.1", std::uint16_t(40'000 + 2 * which)); }
    void aim(std::size_t which, Address const& at) { media::connect_to(sockets_[which].rtp.get(), &at); }
    void start() { thread_ = std::thread{[this] { run(); }}; }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::atomic<std::uint64_t> sent = 0, heard = 0;

  private:
    void run() {
        pin(0);
        auto next = std::chrono::steady_clock::now();
        for (std::uint16_t sequence = 0; !stop_; ++sequence) {
            // Spread over the 20 ms, as calls that began at different times are.
            for (auto i = 0uz; i < sockets_.size() && !stop_; ++i) {
                auto const fd = sockets_[i].rtp.get();
                media::write_rtp({.type = 0, .sequence = sequence, .timestamp = sequence * 160u, .ssrc = std::uint32_t(i + 1)}, packet_);
                sent += ::send(fd, packet_.data(), packet_.size(), MSG_DONTWAIT) > 0;
                std::array<std::uint8_t, 1500> in;
                while (::recv(fd, in.data(), in.size(), MSG_DONTWAIT) > 0) ++heard;
                if (i % 16 == 15) std::this_thread::sleep_until(next + Ns{20ms} * i / sockets_.size());
            }
            std::this_thread::sleep_until(next += 20ms);
        }
    }
    std::vector<media::SocketPair> sockets_;
    std::array<std::uint8_t, media::rtp_header_size + 160> packet_{};
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

/// The floor: one thread, one socket per call, each packet that comes is answered by one of the same size.
double bare(std::size_t calls, std::chrono::seconds time) {
    Peers peers{calls};
    std::atomic<bool> stop = false;
    Ns used{};
    std::vector<media::SocketPair> sockets;
    for (auto i = 0uz; i < calls; ++i) {
        auto const local = *Address::parse("127.0.0.1", std::uint16_t(50'000 + 2 * i));
        sockets.push_back(*media::bind_pair(local));
        auto const peer = peers.local(i);
        media::connect_to(sockets.back().rtp.get(), &peer);
        peers.aim(i, local);
    }
    std::thread thread{[&] {
        pin(1);
        Fd const epoll{::epoll_create1(EPOLL_CLOEXEC)};
        for (auto const& pair : sockets) {
            epoll_event event{.events = EPOLLIN, .data = {.fd = pair.rtp.get()}};
            ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, pair.rtp.get(), &event);
        }
        auto const begin = cpu_of(CLOCK_THREAD_CPUTIME_ID);
        std::array<epoll_event, 512> events;
        std::array<std::uint8_t, 1500> in;
        while (!stop) {
            auto const count = ::epoll_wait(epoll.get(), events.data(), int(events.size()), 50);
            for (auto i = 0; i < count; ++i) {
                auto const fd = events[std::size_t(i)].data.fd;
                auto const size = ::recv(fd, in.data(), in.size(), MSG_DONTWAIT);
                if (size > 0) ::send(fd, in.data(), std::size_t(size), MSG_DONTWAIT);
            }
        }
        used = cpu_of(CLOCK_THREAD_CPUTIME_ID) - begin;
    }};
    peers.start();
    std::this_thread::sleep_for(time);
    stop = true;
    thread.join();
    return std::chrono::duration<double, std::milli>(used).count() / double(calls) / double(time.count());
}

enum class Doing { listening, playing, recording };

struct Figure {
    double ms = 0, kb = 0, sent_share = 0, heard_share = 0;
};

Figure engine(std::size_t calls, std::chrono::seconds time, Doing doing) {
    asio::io_context io;
    media::Engine engine{{.port_first = 20'000, .port_last = 39'998, .threads = 1, .bind_address = "127.0.0.1"}, io.get_executor()};
    Peers peers{calls};
    std::vector<std::int16_t> noise(80'000);
    for (auto i = 0uz; i < noise.size(); ++i) noise[i] = std::int16_t(6000 * std::sin(double(i) * 0.2) * std::sin(double(i) * 0.001));
    auto const clip = std::make_shared<media::Pcm const>(media::Pcm{.narrow = std::move(noise)});
    auto const before = resident_kb();
    std::vector<std::unique_ptr<media::Port>> ports;
    for (auto i = 0uz; i < calls; ++i) {
        ports.push_back(*engine.open([](media::PortEvent) {}));
        peers.aim(i, ports[i]->local());
        ports[i]->start({.remote = peers.local(i), .payloads = {{0, "PCMU", 8000}, {101, "telephone-event", 8000}}});
        if (doing != Doing::listening) ports[i]->play(clip, {.loop = 0});
        if (doing == Doing::recording)
            spawn(io.get_executor(), "bench", [](media::Port& port, std::string path) -> Task<> { (void)co_await port.record_to(path); }(
                *ports[i], (std::filesystem::temp_directory_path() / fmt::format("media_bench_{}.wav", i)).string()));
    }
    peers.start();
    io.run_for(2s);   // set-up and latching are not what is measured
    auto const cpu = cpu_of_threads("media");
    auto const sent = peers.sent.load(), heard = peers.heard.load();
    auto const begin = std::chrono::steady_clock::now();
    io.run_for(time);
    auto const used = std::chrono::duration<double, std::milli>(cpu_of_threads("media") - cpu).count();
    auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    Figure out{.ms = used / double(calls) / seconds, .kb = double(resident_kb() - before) / double(calls),
               .sent_share = double(peers.sent - sent) / (50 * seconds * double(calls)),
               .heard_share = double(peers.heard - heard) / (50 * seconds * double(calls))};
    peers.stop();
    for (auto i = 0uz; i < calls; ++i) std::filesystem::remove(std::filesystem::temp_directory_path() / fmt::format("media_bench_{}.wav", i));
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    auto const calls = argc > 1 ? std::size_t(std::stoul(argv[1])) : 200;
    auto const time = std::chrono::seconds{argc > 2 ? std::stoi(argv[2]) : 10};
    rlimit files{16'384, 16'384};
    ::setrlimit(RLIMIT_NOFILE, &files);
    pin(0);
    auto const floor = bare(calls, time);
    fmt::print("{} calls, {} s each; CPU ms per call-second on the media thread\n", calls, time.count());
    fmt::print("{:<34} {:6.3f}\n", "bare epoll, receive and send", floor);
    for (auto const& [name, doing] : {std::pair{"leg up, listening, silence out", Doing::listening}, {"playing", Doing::playing},
                                      {"playing and recording both sides", Doing::recording}}) {
        auto const figure = engine(calls, time, doing);
        fmt::print("{:<34} {:6.3f}   ratio {:4.2f}   {:4.0f} KB per call   offered {:5.1f} %   heard {:5.1f} %\n", name, figure.ms,
                   figure.ms / floor, figure.kb, 100 * figure.sent_share, 100 * figure.heard_share);
    }
    std::istringstream text{metrics::render()};
    for (std::string line; std::getline(text, line);)
        if (line.starts_with("boni_rtp_tick_late_seconds")) std::cout << line << '\n';
}
