#include "app/config.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include "base/edit_distance.hpp"
#include "base/number.hpp"

namespace boni::app {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;   // every setting with its sentence is 10 KiB

std::optional<Value> value_of(toml::node const& node) {
    if (auto const* const text = node.as_string()) return Value{text->get()};
    if (auto const* const number = node.as_integer()) return Value{number->get()};
    if (auto const* const flag = node.as_boolean()) return Value{flag->get()};
    if (auto const* const list = node.as_array()) {
        std::vector<std::string> out;
        for (auto const& one : *list) {
            auto const* const text = one.as_string();
            if (!text) return std::nullopt;
            out.push_back(text->get());
        }
        return Value{std::move(out)};
    }
    return std::nullopt;
}

std::vector<std::string> keys_of(Settings const& settings, std::string_view section) {
    std::vector<std::string> out;
    for (auto const& row : settings.rows())
        if (row.section == section) out.push_back(row.key);
    return out;
}

std::vector<std::string> section_names(Settings const& settings) {
    std::vector<std::string> out;
    for (auto const& [name, sentence] : settings.sections()) out.push_back(name);
    return out;
}

Result<> read_section(Settings const& settings, std::string const& section, toml::table const& table, std::string const& file) {
    for (auto const& [key, node] : table) {
        auto const place = fmt::format("{}:{}", file, key.source().begin.line);
        auto const* const setting = settings.find(section, key.str());
        if (!setting)
            return fail(Errc::invalid, fmt::format("{}: {}.{} is not a setting; did you mean {}.{}?", place, section, key.str(), section,
                                                   nearest(key.str(), keys_of(settings, section))));
        auto const value = value_of(node);
        if (!value) return fail(Errc::invalid, fmt::format("{}: {} is of no type that a setting has", place, setting->name()));
        if (auto const set = setting->set(*value); !set)
            return fail(Errc::invalid, fmt::format("{}: {} {}", place, setting->name(), set.error().what));
    }
    return {};
}

Result<> read_file(Settings const& settings, std::string_view text, std::string const& file) {
    toml::table document;
    try {
        document = toml::parse(text);
    } catch (toml::parse_error const& error) {
        return fail(Errc::invalid, fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
    }
    auto const sections = section_names(settings);
    for (auto const& [key, node] : document) {
        auto const place = fmt::format("{}:{}", file, key.source().begin.line);
        auto const* const table = node.as_table();
        if (!table || std::ranges::find(sections, key.str()) == sections.end())
            return fail(Errc::invalid, fmt::format("{}: [{}] is not a section; did you mean [{}]?", place, key.str(), nearest(key.str(), sections)));
        CHECK_OK(read_section(settings, std::string{key.str()}, *table, file));
    }
    return {};
}

/// A variable holds text; what it means depends on the setting. Lists are separated by commas.
std::optional<Value> value_of(Setting const& setting, std::string const& text) {
    switch (setting.kind) {
        case Setting::Kind::text: return Value{text};
        case Setting::Kind::flag:
            if (text == "true" || text == "false") return Value{text == "true"};
            return std::nullopt;
        case Setting::Kind::whole: {
            auto const number = number_of<std::int64_t>(text);
            return number ? std::optional{Value{*number}} : std::nullopt;
        }
        case Setting::Kind::list: {
            std::vector<std::string> out;
            std::istringstream parts{text};
            for (std::string part; std::getline(parts, part, ',');) out.push_back(part);
            return Value{std::move(out)};
        }
    }
    return std::nullopt;
}

std::string with_one_underscore(std::string name) {
    if (auto const two = name.find("__"); two != name.npos) name.erase(two, 1);
    return name;
}

/// Two underscores mark a setting: BONI_API_KEY and the like are for the command line, not for us. A setting's name with one is a mistake.
Result<> read_environment(Settings const& settings, Environment const& environment) {
    std::map<std::string, Setting const*> known;
    std::vector<std::string> names;
    for (auto const& row : settings.rows()) {
        known[row.environment()] = &row;
        names.push_back(row.environment());
    }
    for (auto const& [name, text] : environment) {
        if (auto const meant = std::ranges::find(names, name, with_one_underscore); meant != names.end())
            return fail(Errc::invalid, fmt::format("{} is not a setting; did you mean {}?", name, *meant));
        if (name.find("__") == std::string::npos) continue;
        auto const found = known.find(name);
        if (found == known.end()) return fail(Errc::invalid, fmt::format("{} is not a setting; did you mean {}?", name, nearest(name, names)));
        auto const value = value_of(*found->second, text);
        if (!value) {
            auto const* const expectation = found->second->kind == Setting::Kind::flag ? "true or false" : "a whole number";
            return fail(Errc::invalid, fmt::format("{}: must be {}", name, expectation));
        }
        if (auto const set = found->second->set(*value); !set) return fail(Errc::invalid, fmt::format("{}: {}", name, set.error().what));
    }
    return {};
}

/// What links and addresses of recordings begin with, as they are put together: what comes behind it starts with a slash, and /v1 is ours.
bool plain_base(std::string_view url) {
    auto const scheme = url.starts_with("https://") ? 8uz : url.starts_with("http://") ? 7uz : 0uz;
    auto const fits = [](char c) { return c > ' ' && c <= '~' && std::string_view{"?#\"<>\\^`{|}@"}.find(c) == std::string_view::npos; };
    return scheme > 0 && url.size() > scheme && url[scheme] != '/' && !url.ends_with('/') && !url.ends_with("/v1") && std::ranges::all_of(url, fits);
}

/// What every phone quotes as we do: a realm that it writes otherwise makes another password of the right one.
bool plain_realm(std::string_view realm) {
    return !realm.empty() && realm.size() <= 128 && std::ranges::all_of(realm, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

}  // namespace

Address literal(std::string_view host_port) {
    auto const address = Address::parse_host_port(host_port);
    ENSURE(address);
    return *address;
}

Environment environment() {
    Environment out;
    for (char** one = ::environ; *one != nullptr; ++one) {
        std::string_view const entry = *one;
        auto const equals = entry.find('=');
        if (entry.starts_with("BONI_") && equals != std::string_view::npos)
            out.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return out;
}

Result<Config> parse(std::string_view toml, std::string const& name, Environment const& environment) {
    Config config;
    Settings settings;
    config.fields(settings);
    CHECK_OK(read_file(settings, toml, name));
    CHECK_OK(read_environment(settings, environment));
    CHECK_OK(check(config));
    return config;
}

Result<Config> load(std::string const& file, Environment const& environment) {
    if (file.empty()) return parse({}, "settings", environment);
    std::ifstream in{file, std::ios::binary};
    std::string text(file_bytes_max + 1, '\0');
    in.read(text.data(), std::streamsize(text.size()));
    if (!in.eof() || in.bad()) return fail(Errc::invalid, fmt::format("{}: cannot be read, or is over 1 MiB", file));
    text.resize(std::size_t(in.gcount()));
    return parse(text, file, environment);
}

Result<> check(Config const& config) {
    auto const wrong = [](std::string what) { return fail(Errc::invalid, std::move(what)); };
    auto const& [http, operators, metrics, sip, media, store, security, egress, speech, recording, process] = config;
    if (!http.public_url.empty() && !plain_base(http.public_url))
        return wrong(fmt::format("http.public_url must be what comes before /v1, such as \"https://voice.example.com\", without a slash at its end; "
                                 "it is \"{}\"", http.public_url));
    if (media.port_first % 2 != 0) return wrong("media.port_first must be even: RTP has the even port, RTCP the next");
    if (media.port_last <= media.port_first) return wrong("media.port_last must be above media.port_first");
    if (sip.tls_listen && sip.tls_pem_file.empty()) return wrong("sip.tls_listen needs sip.tls_pem_file");
    if (!plain_realm(sip.realm)) return wrong("sip.realm must have 1 to 128 printable ASCII characters, without quotes and backslashes");
    if (egress.allow_loopback && !http.listen.loopback())
        return wrong("egress.allow_loopback is for development: it needs http.listen on a loopback address");
    for (auto const& [name, text] : {std::pair{"sip.public_address", &sip.public_address}, {"media.public_address", &media.public_address},
                                     {"media.bind_address", &media.bind_address}, {"egress.nat64_prefix", &egress.nat64_prefix}})
        if (!text->empty() && !Address::parse(*text, 0)) return wrong(fmt::format("{} must be a literal IP address, not \"{}\"", name, *text));
    if (media.bind_address.empty()) return wrong("media.bind_address is needed");
    if (Address::parse(media.bind_address, 0)->family != sip.listen.family)
        return wrong(fmt::format("media.bind_address {} and sip.listen {} are of two families, IPv4 and IPv6: callers would not be heard",
                                 media.bind_address, sip.listen.text()));
    for (auto const& text : egress.own_addresses)
        if (!Address::parse(text, 0)) return wrong(fmt::format("egress.own_addresses must hold literal IP addresses, not \"{}\"", text));
    for (auto const& [name, list] : {std::pair{"sip.dns_servers", &sip.dns_servers}, {"egress.dns_servers", &egress.dns_servers}})
        for (auto const& text : *list)
            if (!Address::parse(text, 53) && !Address::parse_host_port(text))
                return wrong(fmt::format("{} must hold literal addresses, with or without a port, not \"{}\"", name, text));
    if (security.master_key.empty() && security.master_key_file.empty()) return wrong("security.master_key or master_key_file is needed");
    if (store.file.empty()) return wrong("store.file is needed");
    if (recording.folder.empty()) return wrong("recording.folder is needed");
    return {};
}

}  // namespace boni::app
