#include "app/parts.hpp"

namespace boni::app {
namespace {

constexpr std::size_t mib = 1024 * 1024;

/// Checked when the settings were read.
Address checked(std::string const& text, std::uint16_t port) {
    auto const bare = Address::parse(text, port);
    auto const address = bare ? bare : Address::parse_host_port(text);
    ENSURE(address);
    return *address;
}

std::vector<Address> dns_servers(std::vector<std::string> const& list) {
    std::vector<Address> out;
    for (auto const& one : list) out.push_back(checked(one, 53));
    return out;
}

}  // namespace

egress::Policy policy_of(Config const& config) {
    egress::Policy policy{.allow_loopback = config.egress.allow_loopback, .ca_file = config.egress.ca_file};
    for (auto const& text : config.egress.own_addresses) policy.own_addresses.push_back(checked(text, 0));
    for (auto const* const text : {&config.sip.public_address, &config.media.public_address})
        if (!text->empty() && !checked(*text, 0).loopback()) policy.own_addresses.push_back(checked(*text, 0));
    if (!config.egress.nat64_prefix.empty()) policy.nat64_prefix = checked(config.egress.nat64_prefix, 0);
    return policy;
}

egress::DnsConfig dns_of(std::vector<std::string> const& servers) { return {.servers = dns_servers(servers)}; }

speech::PromptConfig prompts_of(SpeechSettings const& settings) {
    return {.espeak = settings.espeak,
            .cache_folder = settings.cache_folder,
            .cache_file_bytes_max = std::size_t(settings.cache_files_mib_max) * mib,
            .cache_bytes_max = std::size_t(settings.cache_memory_mib_max) * mib,
            .loading_bytes_max = std::size_t(settings.loading_mib_max) * mib,
            .playing_bytes_max = std::size_t(settings.playing_mib_max) * mib};
}

media::EngineConfig media_of(MediaSettings const& settings, RecordingSettings const& recording) {
    auto const everywhere = checked(settings.bind_address, 0).any();   // else SDP says where we listen: not where SIP left, by another interface
    return {.port_first = std::uint16_t(settings.port_first),
            .port_last = std::uint16_t(settings.port_last),
            .threads = unsigned(settings.threads),
            .bind_address = settings.bind_address,
            .public_address = settings.public_address.empty() && !everywhere ? settings.bind_address : settings.public_address,
            .pin_threads = settings.pin_threads,
            .recording_free_bytes_min = std::size_t(recording.free_mib_min) * mib};
}

sip::EndpointConfig sip_of(Config const& config, std::function<bool(Address const&)> vet) {
    auto const& settings = config.sip;
    sip::EndpointConfig out{.listen = settings.listen,
                            .outbound_ca_file = settings.outbound_ca_file,
                            .public_address = settings.public_address,
                            .dns_servers = dns_servers(settings.dns_servers),
                            .sessions_max = std::size_t(settings.sessions_max),
                            .realm = settings.realm,
                            .digest_md5 = settings.digest_md5,
                            .session_expires = std::uint32_t(settings.session_expires_seconds),
                            .vet = std::move(vet)};
    if (settings.tls_listen) out.tls = sip::TlsConfig{*settings.tls_listen, settings.tls_pem_file, settings.tls_client_ca_file};
    return out;
}

http::ServerConfig api_door_of(HttpSettings const& settings) {
    http::ServerConfig out{.listen = settings.listen, .tls_pem_file = settings.tls_pem_file};
    out.limits.connections_max = std::size_t(settings.connections_max);
    return out;
}

}  // namespace boni::app
