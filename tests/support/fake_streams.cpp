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
    if (Platform::now->bots_answer) asio::post(Platform::now->io, [tell] { tell(told::Opened{}); });
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
