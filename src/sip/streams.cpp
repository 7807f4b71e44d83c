#include "sip/streams.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <filesystem>

#include "base/metrics.hpp"

namespace boni::sip {
namespace {

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
    return local.port == listener.port && (listener.any() || (local.ip == listener.ip && local.family == listener.family));
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
    static auto& closed = metrics::counter("boni_sip_stranger_streams_closed_total", "TCP and TLS connections of unknown sources that were too many or too old");
    for (auto const* stream : over) ::shutdown(stream->descriptor, SHUT_RDWR);
    closed.Increment(double(over.size()));
    return over.size();
}

void Streams::find(std::vector<Address> const& listeners, Steady now) {
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator{"/proc/self/fd", ignored}) {
        auto const descriptor = std::atoi(entry.path().filename().c_str());
        auto const local = name_of(descriptor, ::getsockname);
        if (std::ranges::none_of(listeners, [&](auto const& listener) { return accepted_on(listener, local); })) continue;
        auto const peer = name_of(descriptor, ::getpeername);
        if (peer.port == 0) continue;        // the listener itself, or the UDP socket
        auto& stream = streams_[peer];
        if (stream.since == Steady{}) stream.since = now;
        stream.descriptor = descriptor;
        stream.seen = true;
    }
}

/// Address by address, the largest crowd first, until those left fit.
std::vector<Streams::Stream const*> Streams::too_many() const {
    std::map<Address, std::vector<Stream const*>> crowds;
    std::size_t strangers = 0;
    for (auto const& [peer, stream] : streams_) {
        if (stream.trusted) continue;
        auto address = peer;
        address.port = 0;
        crowds[address].push_back(&stream);
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
