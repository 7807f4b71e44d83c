#include "api/recording_link.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "base/number.hpp"

namespace boni::api {
namespace {

constexpr std::string_view folder = "/recordings/";

std::string signature_of(std::string_view secret, std::string_view tenant, std::string_view recording, std::string_view expires) {
    auto const text = "recording\n" + std::string{tenant} + '\n' + std::string{recording} + '\n' + std::string{expires};
    return hex(hmac_sha256(secret, text));
}

/// A host and port as a client wrote them: nothing that could begin a path or a user.
bool plain_host(std::string_view host) {
    auto const fits = [](unsigned char c) { return std::isalnum(c) || std::string_view{"-_.:[]"}.find(char(c)) != std::string_view::npos; };
    return !host.empty() && std::ranges::all_of(host, fits);
}

std::string base_of(Asked const& asked) {
    if (!asked.config.public_url.empty()) return asked.config.public_url;
    auto const host = asked.request.headers.get("Host");
    if (!host || !plain_host(*host)) return {};
    return (asked.request.tls ? "https://" : "http://") + std::string{*host};
}

std::string once(http::Request const& request, std::string_view name) {
    return request.query.count(name) == 1 ? std::string{*request.query.get(name)} : std::string{};
}

}  // namespace

RecordingLink recording_link(Asked const& asked, model::Recording const& recording) {
    auto const expires_at = std::chrono::floor<std::chrono::seconds>(asked.now) + recording_link_kept;
    auto const expires = std::to_string(unix_seconds(expires_at));
    auto const signature = signature_of(asked.services.master_key.reveal(), recording.tenant.str(), recording.id.str(), expires);
    return {base_of(asked) + std::string{folder} + recording.tenant.str() + '/' + recording.id.str() + "?expires=" + expires + "&signature=" + signature,
            expires_at};
}

/// Signed first, then in time: who forges a date learns nothing else.
Result<RecordingName> read_recording_link(http::Request const& request, std::string_view secret, Instant now) {
    auto rest = std::string_view{request.path};
    auto const slash = rest.starts_with(folder) ? rest.find('/', folder.size()) : rest.npos;
    if (slash == rest.npos || rest.find('/', slash + 1) != rest.npos) return fail(Errc::not_found, "there is nothing at this path", {}, "not_found");
    auto const tenant = rest.substr(folder.size(), slash - folder.size());
    auto const recording = rest.substr(slash + 1);
    auto const expires = once(request, "expires");
    if (!same_secret(once(request, "signature"), signature_of(secret, tenant, recording, expires)))
        return fail(Errc::forbidden, "this address was not signed by us; ask for the call's recordings again", {}, "forbidden");
    if (unix_seconds(now) >= number_of<long long>(expires).value_or(0))
        return fail(Errc::invalid, "this address is over; ask for the call's recordings again", {}, "gone");
    return RecordingName{TenantId::from(std::string{tenant}), RecordingId::from(std::string{recording})};
}

}  // namespace boni::api
