#include "app/master_key.hpp"

#include <fmt/format.h>

#include "app/private_file.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"

namespace boni::app {
namespace {

constexpr std::size_t key_bytes = 32;

Result<Secret> decoded(std::string_view text, std::string_view where) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    auto bytes = unbase64(text);
    if (!bytes || bytes->size() != key_bytes) return fail(Errc::invalid, fmt::format("{} must be 32 bytes in base64", where));
    return Secret{std::move(*bytes)};
}

}  // namespace

Result<Secret> read_master_key(SecuritySettings const& settings) {
    if (!settings.master_key.empty()) return decoded(settings.master_key.reveal(), "security.master_key");
    auto const& file = settings.master_key_file;
    TRY(auto const text, read_private(file));
    if (text) return decoded(*text, file.string());
    auto const key = random_secret(key_bytes);
    CHECK_OK(write_private(file, base64(key.reveal()) + '\n'));
    log_warning("app", "a new master key was made; back it up, without it no secret of the database can be read", {{"file", file.string()}});
    return key;
}

}  // namespace boni::app
