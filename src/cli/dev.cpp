#include "app/dev.hpp"
#include "app/early_signals.hpp"

#include <fmt/format.h>

#include "base/number.hpp"
#include "cli/shell/arguments.hpp"

namespace boni::cli {

extern Command const dev_command;

namespace {

constexpr int tenants_max = 10'000;
constexpr int numbers_max = 1'000;

/// "host:port" into `at`; localhost is 127.0.0.1. The error is CLI11's: usage.
void listener(Arguments& arguments, std::string const& flag, Address& at, std::string const& what) {
    arguments.add_option_function<std::string>(flag, [&at, flag](std::string const& text) {
        auto const local = text.starts_with("localhost:") ? "127.0.0.1" + text.substr(9) : text;
        auto const address = Address::parse_host_port(local);
        if (!address) throw CLI::ValidationError{flag, fmt::format("'{}' must be a literal address and a port, e.g. 127.0.0.1:0", text)};
        at = *address;
    }, fmt::format("{}; port 0 picks a free one [{}]", what, at.text()))->type_name("HOST:PORT");
}

std::pair<int, int> ports_of(std::string const& text) {
    auto const dash = text.find('-');
    auto const first = number_of<std::uint16_t>(std::string_view{text}.substr(0, dash)).value_or(0);
    auto const last = dash == text.npos ? std::uint16_t{0} : number_of<std::uint16_t>(std::string_view{text}.substr(dash + 1)).value_or(0);
    if (first == 0 || last <= first || first % 2 != 0)
        throw CLI::ValidationError{"--rtp-ports", fmt::format("'{}' must be two ports, the first even, e.g. 20000-20999", text)};
    return {first, last};
}

/// "name=value" with a value that `read` takes, which is one of `values`.
template <class T, class Read>
void pairs(Arguments& arguments, std::string const& flag, std::map<std::string, T>& into, std::string const& what, std::string_view values,
           Read read) {
    arguments.add_option_function<std::vector<std::string>>(flag, [&into, flag, values, read](std::vector<std::string> const& texts) {
        for (auto const& text : texts) {
            auto const equals = text.find('=');
            std::optional<T> const value = equals == std::string::npos ? std::nullopt : read(text.substr(equals + 1));
            if (!value) throw CLI::ValidationError{flag, fmt::format("'{}' must be {}", text, values)};
            into[text.substr(0, equals)] = *value;
        }
    }, what)->type_name("NAME=VALUE")->allow_extra_args(false);
}

std::optional<bool> flag_of(std::string const& text) {
    if (text == "true" || text == "false") return text == "true";
    return std::nullopt;
}

std::optional<double> limit_of(std::string const& text) {
    auto const value = number_of<double>(text);
    return value && *value >= 0 ? value : std::nullopt;
}

int run_dev(std::span<char const* const> args) {
    Arguments arguments{dev_command};
    app::DevOptions options;
    arguments.add_flag("--json", options.json, "one line of JSON when ready, then one for each event");
    listener(arguments, "--http", options.http, "the customers' API");
    listener(arguments, "--sip", options.sip, "SIP over UDP and TCP");
    listener(arguments, "--sips", options.sips, "SIP over TLS");
    listener(arguments, "--operator", options.operators, "the operator's API");
    listener(arguments, "--metrics", options.metrics, "/metrics, /healthz, /readyz");
    arguments.add_option_function<std::string>("--rtp-ports", [&](std::string const& text) { options.rtp_ports = ports_of(text); },
                                               "RTP ports A-B, A even [16384-32767]")->type_name("A-B");
    arguments.add_option("--media-threads", options.media_threads, "media threads; 0: one less than the cores")->check(CLI::Range(0, 256));
    arguments.add_option("--public-address", options.public_address, "address in Contact and SDP")->type_name("IP")->check(filled);
    arguments.add_option("--data", options.data, "keeps state here and uses it again: same keys, same numbers")->type_name("DIR")->check(filled);
    arguments.add_option("--tenants", options.seed.tenants, "tenants to seed [1]")->check(CLI::Range(1, tenants_max));
    arguments.add_option("--numbers", options.seed.numbers, "numbers for each tenant [3]")->check(CLI::Range(1, numbers_max));
    arguments.add_option("--plan", options.seed.plan, "plan of the tenants [dev]")->check(filled);
    pairs(arguments, "--feature", options.seed.features, "switches a feature, e.g. outbound=false; repeatable", "name=true or name=false", flag_of);
    pairs(arguments, "--limit", options.seed.limits, "sets a limit, e.g. concurrent_calls=2; repeatable", "name=number", limit_of);
    bool no_rate_limits = false;
    arguments.add_flag("--no-rate-limits", no_rate_limits, "never answers 429");
    arguments.add_option("--trunk", options.seed.trunks, "an outbound trunk, marked test; repeatable")->type_name("HOST[:PORT]")->allow_extra_args(false)->check(filled);
    arguments.add_option("--ca-file", options.ca_file, "trusted for TLS to customers' servers, beside the system's")->type_name("FILE")->check(filled);
    arguments.add_option("--drain", options.drain_seconds, "seconds SIGTERM waits for live calls [0]")->check(CLI::Range(0, 86'400));
    if (auto const over = arguments.read(args)) return *over;
    app::hold_signals();
    options.rate_limits = !no_rate_limits;
    if (auto const wish = app::check_wish(options.seed); !wish) return misused("dev", wish.error());
    auto const code = app::run_dev(std::move(options));
    return code ? *code : failed("dev", code.error());
}

}  // namespace

extern Command const dev_command{"dev", "the whole platform on loopback, with a tenant, a key and numbers",
                                 "boni dev --json --http 127.0.0.1:0", run_dev};

}  // namespace boni::cli
