#include "app/dev.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "app/app.hpp"
#include "app/dev_certificate.hpp"
#include "app/json_lines.hpp"
#include "base/edit_distance.hpp"
#include "base/version.hpp"

namespace boni::app {
namespace {

/// A folder of its own, removed with it; or the one that was named, which stays.
class DataFolder {
  public:
    static Result<std::unique_ptr<DataFolder>> open(std::filesystem::path const& named) {
        auto folder = std::unique_ptr<DataFolder>(new DataFolder);
        std::error_code error;
        if (named.empty()) {
            auto const temporary = std::filesystem::temp_directory_path(error);
            if (error) return fail(Errc::unavailable, fmt::format("TMPDIR is no folder: {}", error.message()));
            auto pattern = (temporary / "boni-dev-XXXXXX").string();   // mkdtemp(3) puts letters in place of the six
            if (::mkdtemp(pattern.data()) == nullptr) return fail(Errc::unavailable, fmt::format("{}: {}", pattern, std::strerror(errno)));
            folder->path_ = pattern;
            folder->temporary_ = true;
            return folder;
        }
        std::filesystem::create_directories(named, error);
        if (!error) folder->path_ = std::filesystem::canonical(named, error);
        if (error) return fail(Errc::unavailable, fmt::format("{}: {}", named.string(), error.message()));
        return folder;
    }
    ~DataFolder() {
        std::error_code ignored;
        if (temporary_) std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path const& path() const { return path_; }

  private:
    DataFolder() = default;
    std::filesystem::path path_;
    bool temporary_ = false;
};

Result<Config> config_of(DevOptions const& options, std::filesystem::path const& folder, DevCertificate const& certificate) {
    TRY(auto config, load({}, environment()));
    config.http.listen = options.http;
    config.http.rate_limits = options.rate_limits;
    config.operators.listen = options.operators;
    config.operators.admin_socket = folder / "admin.sock";
    config.metrics.listen = options.metrics;
    config.sip.listen = options.sip;
    config.sip.tls_listen = options.sips;
    config.sip.tls_pem_file = certificate.pem_file;
    config.sip.public_address = options.public_address;
    config.media.bind_address = options.sip.ip_text();
    config.media.public_address = options.public_address;
    if (options.rtp_ports) std::tie(config.media.port_first, config.media.port_last) = *options.rtp_ports;
    if (options.media_threads) config.media.threads = *options.media_threads;
    config.store.file = folder / "boni.db";
    config.security = {.master_key_file = folder / "master.key"};
    config.egress.allow_loopback = true;
    config.egress.ca_file = options.ca_file;
    config.sip.outbound_ca_file = options.ca_file;
    config.speech.cache_folder = folder / "prompts";
    config.recording.folder = folder / "recordings";
    config.process.drain_seconds = options.drain_seconds;
    CHECK_OK(check(config));
    return config;
}

json::array numbers_of(SeededTenant const& tenant) {
    json::array out;
    for (auto const& number : tenant.numbers) out.push_back(json::object{{"id", number.id.str()}, {"phoneNumber", number.phone_number}});
    return out;
}

json::object ready_line(Listening const& at, Seeded const& seeded, std::filesystem::path const& folder, DevCertificate const& certificate) {
    auto const http = "http://" + at.http.text();
    json::object out{{"ready", true}, {"pid", ::getpid()}, {"version", version()}, {"api", http + "/v1"}};
    out["operatorApi"] = "http://" + at.operators->text();
    out["metrics"] = "http://" + at.metrics->text() + "/metrics";
    out["console"] = http + "/console";
    out["sip"] = at.sip.text();
    out["sips"] = at.sips->text();
    out["caFile"] = certificate.ca_file.string();
    out["adminSocket"] = (folder / "admin.sock").string();
    out["dataDir"] = folder.string();
    out["apiKey"] = seeded.tenants.front().api_key;
    out["operatorKey"] = seeded.operator_key;
    out["numbers"] = numbers_of(seeded.tenants.front());
    json::array tenants;
    for (auto const& tenant : seeded.tenants)
        tenants.push_back(json::object{{"id", tenant.id.str()}, {"key", tenant.key}, {"apiKey", tenant.api_key},
                                       {"controlSecret", tenant.control_secret}, {"numbers", numbers_of(tenant)}});
    out["tenants"] = std::move(tenants);
    return out;
}

std::string ready_text(Listening const& at, Seeded const& seeded, std::filesystem::path const& folder) {
    auto const& first = seeded.tenants.front();
    auto const& number = first.numbers.front();
    auto const api = "http://" + at.http.text() + "/v1";
    auto text = fmt::format("boni {} on loopback; customers' servers on loopback are allowed, which production refuses\n\n", version());
    text += fmt::format("  API       {}\n  operator  http://{}\n  metrics   http://{}/metrics\n", api, at.operators->text(), at.metrics->text());
    text += fmt::format("  SIP       {} (UDP, TCP), {} (TLS)\n  data      {}\n  API key   {}\n", at.sip.text(), at.sips->text(), folder.string(),
                        first.api_key);
    text += fmt::format("  secret    {}  (signs what your server is asked)\n", first.control_secret);
    for (auto const& one : first.numbers) text += fmt::format("  number    {}  {}\n", one.phone_number, one.id.str());
    text += fmt::format("\nNext, with your web server on port 9000:\n"
                        "  curl -s -X PUT -H 'X-API-Key: {}' -H 'Content-Type: application/json' \\\n"
                        "    -d '{{\"primary\":{{\"type\":\"control_webhook\",\"url\":\"http://127.0.0.1:9000/call\"}}}}' {}/numbers/{}/route\n"
                        "  boni call {} --sip {}\n",
                        first.api_key, api, number.id.str(), number.phone_number, at.sip.text());
    return text;
}

}  // namespace

Result<int> run_dev(DevOptions options) {
    CHECK_OK(check_wish(options.seed));
    TRY(auto const folder, DataFolder::open(options.data));
    TRY(auto const certificate, dev_certificate(folder->path(), options.sips, system_clock().now()));
    TRY(auto config, config_of(options, folder->path(), certificate));
    JsonLines lines{STDOUT_FILENO};
    Seeded seeded;
    Duties duties;
    duties.prepare = [&](App& app) -> Task<Result<>> {
        return [](App& of, Seeded& into, std::filesystem::path file, SeedWish wish) -> Task<Result<>> {
            CO_TRY(into, co_await seed(of.store(), of.clock(), of.master_key(), std::move(file), std::move(wish)));
            co_return Result<>{};
        }(app, seeded, folder->path() / "seed.json", options.seed);
    };
    duties.ready = [&](App& app) {
        lines.say(options.json ? json::serialize(ready_line(app.listening(), seeded, folder->path(), certificate))
                               : ready_text(app.listening(), seeded, folder->path()));
    };
    duties.event = [&](std::string_view envelope) {
        if (options.json) lines.say(fmt::format("{{\"event\":{}}}", envelope));
    };
    return run(std::move(config), std::move(duties));
}

Result<> check_wish(SeedWish const& wish) {
    auto const features = names_in(model::feature_table()), limits = names_in(model::limit_table());
    for (auto const& [name, on] : wish.features)
        if (std::ranges::find(features, name) == features.end())
            return fail(Errc::invalid, fmt::format("there is no feature '{}'; {}", name, meant(name, features)));
    for (auto const& [name, value] : wish.limits)
        if (std::ranges::find(limits, name) == limits.end())
            return fail(Errc::invalid, fmt::format("there is no limit '{}'; {}", name, meant(name, limits)));
    return {};
}

}  // namespace boni::app
