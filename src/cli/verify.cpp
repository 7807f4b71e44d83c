// The receiver's side of events-and-webhooks 4, as a command: what we document is what is run here.
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/signature.hpp"
#include "cli/shell/arguments.hpp"
#include "webhook/delivery.hpp"

namespace boni::cli {

extern Command const verify_command;

namespace {

constexpr std::string_view secret_prefix = "whsec_";

struct Delivered {
    std::string secret;
    std::string signature;
    long long timestamp = 0;
    long long window_seconds = 300;
};

/// One of the header's values fits, compared in constant time, and the timestamp is near.
Result<> verified(Delivered const& wish, std::string const& body, Instant now) {
    if (!wish.secret.starts_with(secret_prefix)) return fail(Errc::invalid, "the secret must begin with whsec_");
    auto const key = unbase64(std::string_view{wish.secret}.substr(secret_prefix.size()));
    if (!key) return fail(Errc::invalid, "the secret is not base64 after whsec_");
    auto const expected = signature(*key, wish.timestamp, body);
    auto fits = false;
    for (std::string_view rest = wish.signature; !rest.empty();) {
        auto const comma = rest.find(',');
        auto one = rest.substr(0, comma);
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        fits = same_secret(one, expected) || fits;
        rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);
    }
    if (!fits) return fail(Errc::unauthorized, "the signature does not fit: another secret, or the body is not byte for byte what was sent");
    auto const age = unix_seconds(now) - wish.timestamp;
    if (wish.window_seconds > 0 && (age > wish.window_seconds || age < -wish.window_seconds))
        return fail(Errc::unauthorized,
                    fmt::format("the signature fits, but its timestamp is {} s away; more than {} s is a replay", age, wish.window_seconds));
    return {};
}

int run_verify(std::span<char const* const> args) {
    Arguments arguments{verify_command};
    Delivered wish;
    bool print = false;
    arguments.add_option("--secret", wish.secret, "whsec_..., as shown once when the endpoint was made")->required();
    arguments.add_option("--timestamp", wish.timestamp, "value of X-Boni-Timestamp")->required()->check(filled);
    auto* const given = arguments.add_option("--signature", wish.signature, "value of X-Boni-Signature: one v1=... or several, with commas");
    arguments.add_flag("--print", print, "says what the signature should be instead")->excludes(given);
    arguments.add_option("--window", wish.window_seconds, "seconds the timestamp may be away; 0: any [300]")->check(CLI::Range(0, 1'000'000'000));
    arguments.footer(arguments.get_footer() + "\n\nsignature = hex(HMAC-SHA256(key, timestamp + \".\" + body)), key = the 32 bytes behind whsec_ in base64");
    if (auto const over = arguments.read(args)) return *over;
    if (!print && wish.signature.empty()) return misused("verify", {Errc::invalid, "--signature or --print is needed"});

    std::string const body{std::istreambuf_iterator<char>{std::cin}, {}};
    if (print) {
        auto const key = unbase64(std::string_view{wish.secret}.substr(wish.secret.starts_with(secret_prefix) ? secret_prefix.size() : 0));
        if (!key) return misused("verify", {Errc::invalid, "the secret is not whsec_ and base64"});
        std::cout << signature(*key, wish.timestamp, body) << '\n';
        return exit_ok;
    }
    auto const result = verified(wish, body, system_clock().now());
    if (!result) return result.error().code == Errc::invalid ? misused("verify", result.error()) : failed("verify", result.error());
    std::cout << "ok\n";
    return exit_ok;
}

}  // namespace

extern Command const verify_command{"verify", "is this webhook really from us? The body comes on standard input",
                                    "boni verify --secret whsec_... --timestamp 1795414211 --signature v1=21e3... < body.json", run_verify};

}  // namespace boni::cli
