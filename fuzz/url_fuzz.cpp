// Destinations a customer names, web and SIP: what passes consists of plain parts, put together again it is the same destination, and a
// literal address in it is one we may call.
#include <cstddef>
#include <cstdint>

#include "base/ascii.hpp"
#include "egress/host.hpp"
#include "egress/url.hpp"

using namespace boni;
using namespace boni::egress;

namespace {

void check(Url const& url, Policy const& policy, Use use) {
    ENSURE(!url.host.empty() && url.port != 0);
    ENSURE(plain_bytes(url.host) && url.host == lower(url.host) && url.host.find_first_of("[]@%/?#\\") == std::string::npos);
    if (url.literal) ENSURE(allowed(*url.literal, policy, url) && url.literal->port == url.port);
    if (url.loopback) ENSURE(policy.allow_loopback);
    if (use == Use::sip) {
        ENSURE(url.user.find_first_of(" <>\"@\r\n") == std::string::npos && url.target.empty());
        return;
    }
    ENSURE(url.target.starts_with('/') && plain_bytes(url.target));
    auto const again = check_url(url.scheme + "://" + url.authority() + url.target, policy, use);
    ENSURE(again && again->host == url.host && again->port == url.port && again->target == url.target && again->tls == url.tls);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    static Policy const strict, dev{.allow_loopback = true, .own_ports = {8080}};
    for (auto const* policy : {&strict, &dev})
        for (auto const use : {Use::https, Use::http, Use::wss, Use::sip})
            if (auto const url = check_url(text, *policy, use)) check(*url, *policy, use);
    if (auto const authority = parse_authority(text)) ENSURE(!authority->host.empty());
    return 0;
}
