#include "cli/softphone/server.hpp"

#include <memory>

#include <fmt/format.h>
#include <netdb.h>

#include "base/number.hpp"

namespace boni::cli {
namespace {

Result<Address> look_up(std::string const& host, std::uint16_t port) {
    addrinfo const hints{.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_DGRAM};
    addrinfo* list = nullptr;
    if (auto const wrong = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); wrong != 0)
        return fail(Errc::unavailable, fmt::format("{}: {}", host, ::gai_strerror(wrong)));
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> const owner{list, ::freeaddrinfo};
    auto address = Address::from(list->ai_addr);
    address.port = port;
    return address;
}

}  // namespace

Result<Server> find_server(std::string_view text) {
    auto const colon = text.rfind(':');
    auto const port = colon == text.npos ? std::uint16_t{0} : number_of<std::uint16_t>(text.substr(colon + 1)).value_or(0);
    if (port == 0 || colon == 0)
        return fail(Errc::invalid, fmt::format("--sip: '{}' must be a host and a port, e.g. 127.0.0.1:5060", text));
    if (auto const literal = Address::parse_host_port(text)) return Server{*literal, {}};
    std::string name{text.substr(0, colon)};
    if (name == "localhost") return Server{*Address::parse("127.0.0.1", port), std::move(name)};   // RFC 6761 6.3: not the resolver's to say
    TRY(auto const address, look_up(name, port));
    return Server{address, std::move(name)};
}

}  // namespace boni::cli
