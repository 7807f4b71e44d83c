#include "sip/streams.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/metrics.hpp"
#include "base/number.hpp"

namespace boni::sip {
namespace {

constexpr int none = -1;

using Name = int(int, sockaddr*, socklen_t*);

Address name_of(int descriptor, Name* which) {
    sockaddr_storage storage;
    auto size = socklen_t(sizeof storage);
    if (which(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
    if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return {};
    return Address::from(reinterpret_cast<sockaddr const*>(&storage));
}

/// A wildcard listener's connections have the address the peer called.
bool accepted_on(Address const& listener, Address const& local) {
    return local.port == listener.port && (listener.any() || same_ip(local, listener));
}

/// It, or one that it accepted.
bool belongs(int descriptor, std::vector<Address> const& listeners) {
    auto const local = name_of(descriptor, ::getsockname);
    return std::ranges::any_of(listeners, [&](auto const& listener) { return accepted_on(listener, local); });
}

std::vector<int> open_ones() {
    std::vector<int> out;
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator{"/proc/self/fd", ignored})
        if (auto const number = number_of<int>(entry.path().filename().string())) out.push_back(*number);
    return out;
}

/// What an epoll waits for: its lines "tfd: 12 events: 19 ..." (proc(5)). Of any other descriptor nothing.
std::vector<int> waited_for(int loop) {
    std::vector<int> out;
    std::ifstream lines{"/proc/self/fdinfo/" + std::to_string(loop)};
    for (std::string word; lines >> word; lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n'))
        if (int one = -1; word == "tfd:" && lines >> one) out.push_back(one);
    return out;
}

}  // namespace

/// One that is newer than the last look is filled in by the next.
void Streams::trusted(Address const& peer) { streams_[peer].trusted = true; }

std::size_t Streams::look(std::vector<Address> const& listeners, std::function<bool(Address const&)> const& known, Steady now) {
    for (auto& [peer, stream] : streams_) stream.seen = false;
    find(listeners, now);
    std::erase_if(streams_, [](auto const& one) { return !one.second.seen; });
    std::vector<Stream const*> over;
    for (auto& [peer, stream] : streams_) {
        if (!stream.trusted) stream.trusted = known(peer);
        if (!stream.trusted && now - stream.since >= limits_.stranger_time) over.push_back(&stream);
    }
    if (over.empty()) over = too_many();
    static auto& closed = metrics::counter("boni_sip_stranger_streams_closed_total",
                                           "TCP and TLS connections of unknown sources that were too many or too old");
    for (auto const* stream : over) ::shutdown(stream->descriptor, SHUT_RDWR);
    closed.Increment(double(over.size()));
    return over.size();
}

/// What the loop waits for; all there are where the kernel does not tell.
std::vector<int> Streams::candidates(std::vector<Address> const& listeners) {
    if (!loop_) {
        auto const waits = [&](int one) { return std::ranges::any_of(waited_for(one), [&](int other) { return belongs(other, listeners); }); };
        auto const all = open_ones();
        auto const found = std::ranges::find_if(all, waits);
        loop_ = found == all.end() ? none : *found;
    }
    return *loop_ == none ? open_ones() : waited_for(*loop_);
}

void Streams::find(std::vector<Address> const& listeners, Steady now) {
    for (auto const descriptor : candidates(listeners)) {
        if (!belongs(descriptor, listeners)) continue;
        auto const peer = name_of(descriptor, ::getpeername);
        if (peer.port == 0) continue;        // the listener itself, or the UDP socket
        auto& stream = streams_[peer];
        if (stream.since == Steady{}) stream.since = now;
        stream.descriptor = descriptor;
        stream.seen = true;
    }
}

/// Network by network, the largest crowd first, until those left fit.
std::vector<Streams::Stream const*> Streams::too_many() const {
    std::map<Address, std::vector<Stream const*>> crowds;
    std::size_t strangers = 0;
    for (auto const& [peer, stream] : streams_) {
        if (stream.trusted) continue;
        crowds[network_of(peer)].push_back(&stream);
        ++strangers;
    }
    std::vector<Stream const*> over;
    if (strangers <= limits_.strangers_max) return over;
    for (auto& [address, crowd] : crowds)
        std::ranges::sort(crowd, [](auto const* a, auto const* b) { return a->since > b->since; });   // oldest last
    for (; strangers > limits_.strangers_max; --strangers) {
        auto const largest = std::ranges::max_element(crowds, {}, [](auto const& one) { return one.second.size(); });
        over.push_back(largest->second.back());
        largest->second.pop_back();
    }
    return over;
}

}  // namespace boni::sip
