#include "app/master_key.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/private_file.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "store/sealed.hpp"

namespace boni::app {
namespace {

constexpr std::size_t key_bytes = 32;

Result<Secret> decoded(std::string_view text, std::string_view where) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    auto bytes = unbase64(text);
    if (!bytes || bytes->size() != key_bytes) return fail(Errc::invalid, fmt::format("{} must be 32 bytes in base64", where));
    return Secret{std::move(*bytes)};
}

std::filesystem::path beside(std::filesystem::path file, std::string_view ending) { return file += ending; }

Result<std::optional<Secret>> key_in(std::filesystem::path const& file) {
    TRY(auto const text, read_private(file));
    if (!text) return std::nullopt;
    return decoded(*text, file.string());
}

Result<> write_key(std::filesystem::path const& file, Secret const& key) { return write_private(file, base64(key.reveal()) + '\n'); }

/// Backups need the key of their day: one that is kept there already goes to `file`.1, .2 and so on, the oldest first.
Result<> keep(std::filesystem::path const& file, Secret const& key) {
    TRY(auto const kept, key_in(file));
    if (kept && kept->reveal() != key.reveal()) {
        std::error_code failed;
        auto number = 1;
        while (std::filesystem::exists(beside(file, fmt::format(".{}", number)), failed)) ++number;
        if (!failed) std::filesystem::rename(file, beside(file, fmt::format(".{}", number)), failed);
        if (failed) return fail(Errc::unavailable, fmt::format("{}: {}", file.string(), failed.message()));
    }
    return write_key(file, key);
}

}  // namespace

Result<Secret> read_master_key(SecuritySettings const& settings, std::filesystem::path const& database) {
    if (!settings.master_key.empty()) return decoded(settings.master_key.reveal(), "security.master_key");
    auto const& file = settings.master_key_file;
    TRY(auto known, key_in(file));
    if (known) return *std::move(known);
    std::error_code ignored;
    if (!settings.master_key_lost && std::filesystem::exists(database, ignored))
        return fail(Errc::unavailable, fmt::format("there is a database {} and no master key {}: put the key back that the database was made with",
                                                   database.string(), file.string()));
    auto key = random_secret(key_bytes);
    if (auto const written = write_key(file, key); !written)
        return fail(written.error().code,
                    fmt::format("security.master_key_file: no key can be made there; is its folder there, and ours? {}", written.error().what));
    log_warning("app", "a new master key was made; back it up, without it no secret of the database can be read", {{"file", file.string()}});
    return key;
}

Task<Result<>> check_master_key(Secret const& key, bool lost, store::Store& store) {
    CO_TRY(auto const secrets, co_await store.some_sealed());
    auto const opens = [&](store::SealedSecret const& secret) { return unseal(key.reveal(), secret.sealed, secret.context).has_value(); };
    if (std::ranges::all_of(secrets, opens)) co_return Result<>{};
    if (!lost)
        co_return fail(Errc::unavailable, "the master key does not open the secrets of the database: put the key back that it was made with, or, if "
                                          "`boni rotate-master-key` was interrupted, run it again");
    log_error("app", "the master key does not open the secrets of the database (security.master_key_lost): make each of them anew");
    co_return Result<>{};
}

/// The new key lies beside the old one until the database has it: whichever a secret is sealed with, there is a file with its key.
Result<std::size_t> rotate_master_key(SecuritySettings const& settings, std::filesystem::path const& database) {
    auto const& file = settings.master_key_file;
    if (!settings.master_key.empty())
        return fail(Errc::invalid, "the key is the setting security.master_key: move it to a file, security.master_key_file, first");
    TRY(auto const present, key_in(file));
    if (!present) return fail(Errc::not_found, "there is no master key " + file.string());
    auto const next_file = beside(file, ".next");
    TRY(auto next, key_in(next_file));
    if (!next) {
        next = random_secret(key_bytes);
        CHECK_OK(write_key(next_file, *next));
    }
    auto const done = store::reseal(database, [&](store::SealedSecret const& secret) -> Result<std::string> {
        if (unseal(next->reveal(), secret.sealed, secret.context)) return secret.sealed;   // by the run that was interrupted
        auto const plain = unseal(present->reveal(), secret.sealed, secret.context);
        if (!plain) return fail(Errc::unavailable, fmt::format("{} does not open the secret of {}", file.string(), secret.context));
        return seal(next->reveal(), *plain, secret.context);
    });
    if (!done) return done;
    if (present->reveal() != next->reveal()) {           // else the run that was interrupted did this as well
        CHECK_OK(keep(beside(file, ".before"), *present));
        CHECK_OK(write_key(file, *next));
    }
    std::error_code ignored;
    std::filesystem::remove(next_file, ignored);
    return done;
}

}  // namespace boni::app
