#include "app/dev_trunks.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>

#include "base/address.hpp"
#include "base/number.hpp"
#include "sip/trunk.hpp"

namespace boni::app {
namespace {

constexpr std::string_view out_prefix = "dev-out-";

struct NextHop {
    std::string host;
    std::optional<std::uint16_t> port;
};

Result<NextHop> next_hop_of(std::string const& text) {
    if (Address::parse(text, 0)) return NextHop{text, {}};
    auto const colon = text.rfind(':');
    if (colon == std::string::npos) return NextHop{text, {}};
    auto const port = number_of<std::uint16_t>(std::string_view{text}.substr(colon + 1));
    if (!port || *port == 0) return fail(Errc::invalid, fmt::format("trunk '{}' has no valid port", text));
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return NextHop{std::move(host), *port};
}

/// At start only: blocks for as long as the system's resolver does.
Result<json::array> addresses_of(std::string const& host) {
    if (host == "localhost") return json::array{"127.0.0.1", "::1"};   // RFC 6761 6.3: not the resolver's to say
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (auto const failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); failed != 0)
        return fail(Errc::invalid, fmt::format("trunk '{}': {}", host, ::gai_strerror(failed)));
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> const owner{list, ::freeaddrinfo};
    json::array out;
    for (auto const* one = list; one != nullptr; one = one->ai_next) out.emplace_back(Address::from(one->ai_addr).ip_text());
    return out;
}

Result<model::Trunk> trunk_to(std::string const& name, std::string const& text, Instant now) {
    TRY(auto const hop, next_hop_of(text));
    TRY(auto addresses, addresses_of(hop.host));
    json::object target{{"host", hop.host}};
    if (hop.port) target["port"] = std::int64_t{*hop.port};
    model::Trunk trunk{.id = TrunkId::fresh(now), .name = name, .test = true, .created_at = now};
    trunk.config = {{"kind", "ip"}, {"addresses", std::move(addresses)}, {"targets", json::array{std::move(target)}}, {"leg_class", "VOIP_IN"}};
    CHECK_OK(sip::trunk_from(trunk.name, trunk.test, trunk.config, {}));
    return trunk;
}

}  // namespace

Task<Result<>> put_dev_trunks(store::Store& store, Instant now, std::vector<std::string> next_hops) {
    model::Trunk inbound{.id = TrunkId::fresh(now), .name = "loopback", .test = true, .created_at = now};
    inbound.config = {{"kind", "ip"}, {"addresses", json::array{"127.0.0.0/8", "::1"}}};
    CO_CHECK_OK(co_await store.save_trunk(std::move(inbound)));
    std::vector<std::string> wished;
    for (auto const& text : next_hops) {
        auto const name = fmt::format("{}{}", out_prefix, wished.size() + 1);
        CO_TRY(auto trunk, trunk_to(name, text, now));
        CO_CHECK_OK(co_await store.save_trunk(std::move(trunk)));
        wished.push_back(name);
    }
    CO_TRY(auto const known, co_await store.trunks());
    for (auto const& trunk : known)
        if (trunk.name.starts_with(out_prefix) && std::ranges::find(wished, trunk.name) == wished.end())
            CO_CHECK_OK(co_await store.remove_trunk(trunk.name));
    co_return Result<>{};
}

}  // namespace boni::app
