// Media streams that open at once and end when they are told to.
#include "stream/streams.hpp"
#include "support/fake_platform.hpp"

using boni::test::Platform;

namespace boni::stream {

struct Streams::Inner {};
Streams::Streams(egress::Policy const&, asio::any_io_executor) {}
Streams::~Streams() = default;

std::unique_ptr<Stream> Streams::open(Wanted wanted, std::function<void(Told)> tell) {
    Platform::now->streams.push_back({.wanted = std::move(wanted), .tell = tell});
    asio::post(Platform::now->io, [tell, bots = Platform::now->bots] {
        if (bots != Platform::Bots::silent) tell(told::Opened{});
        if (bots == Platform::Bots::leaving) tell(told::Ended{.opened = true, .reason = "peer_closed", .close_code = 1000});
    });
    return std::unique_ptr<Stream>{new Stream{nullptr, Platform::now->io.get_executor(), nullptr, nullptr}};
}

Stream::~Stream() = default;
void Stream::digit(char key) { Platform::now->streams.back().digits += key; }
void Stream::stop(std::string reason) {
    auto& last = Platform::now->streams.back();
    if (std::exchange(last.over, true)) return;
    asio::post(Platform::now->io, [tell = last.tell, reason = std::move(reason)] { tell(told::Ended{.opened = true, .reason = reason}); });
}

}  // namespace boni::stream
