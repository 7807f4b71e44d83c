// Every error names its field as the operator wrote it ("targets[1].port"), every unknown key its nearest known one.
#include "sip/trunk.hpp"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/edit_distance.hpp"
#include "base/number.hpp"
#include "sip/normalise.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t entries_max = 256;     // of any list; a carrier has a handful of addresses, a DID block goes up to hundreds
constexpr std::size_t dids_max = 10'000;
constexpr int channels_max = 100'000;
constexpr int minutes_max = 10'000'000;      // 7 000 calls around the clock
constexpr std::initializer_list<std::string_view> leg_classes{"PSTN_IN", "VOIP_IN", "VOIP_INTL", "WHATSAPP"};

/// One object of the document: hands out its members and knows the path of each.
class Fields {
  public:
    static Result<Fields> of(json::object const& in, std::string path, std::initializer_list<std::string_view> known) {
        Fields fields{in, std::move(path)};
        for (auto const& member : in) {
            std::string_view const key = member.key();
            if (std::ranges::find(known, key) != known.end()) continue;
            return fail(Errc::invalid, fmt::format("trunk: '{}' is not a setting here, did you mean '{}'?", key.substr(0, 64), nearest(key, {known.begin(), known.end()})),
                        fields.at(key));
        }
        return fields;
    }

    std::string at(std::string_view key) const { return path_.empty() ? std::string{key} : fmt::format("{}.{}", path_, key); }
    std::unexpected<Error> wrong(std::string_view key, std::string_view expectation) const {
        return fail(Errc::invalid, fmt::format("trunk: {} {}", at(key), expectation), at(key));
    }

    Result<> read(std::string_view key, std::string& into) const {
        auto const* const value = json::find(in_, key);
        if (!value) return {};
        if (!value->is_string()) return wrong(key, "must be a text");
        into = value->as_string();
        if (into.size() > 512 || std::ranges::any_of(into, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
            return wrong(key, "must be at most 512 characters without control characters");
        return {};
    }
    Result<> read(std::string_view key, bool& into) const {
        auto const* const value = json::find(in_, key);
        if (!value) return {};
        if (!value->is_bool()) return wrong(key, "must be true or false");
        into = value->as_bool();
        return {};
    }
    /// true, false, or "auto", which is true: used where the peer knows it.
    Result<> read_switch(std::string_view key, bool& into) const {
        if (json::text(in_, key) != "auto") return read(key, into);
        into = true;
        return {};
    }
    Result<> read(std::string_view key, int& into, int low, int high) const {
        if (!json::find(in_, key)) return {};
        auto const value = json::integer(in_, key);
        if (!value || *value < low || *value > high) return wrong(key, fmt::format("must be a whole number from {} to {}", low, high));
        into = int(*value);
        return {};
    }
    template <class E>
    Result<> read_name(std::string_view key, E& into) const {
        std::string word;
        CHECK_OK(read(key, word));
        if (!json::find(in_, key)) return {};
        auto const value = from_name<E>(word);
        if (!value) {
            std::string all;
            for (auto const& [one, text] : names_of<E>) all += fmt::format("{}{}", all.empty() ? "" : ", ", text);
            return wrong(key, "must be one of " + all);
        }
        into = *value;
        return {};
    }
    /// A member object, or an empty one when absent.
    Result<Fields> object(std::string_view key, std::initializer_list<std::string_view> known) const {
        static json::object const nothing;
        auto const* const value = json::find(in_, key);
        if (value && !value->is_object()) return wrong(key, "must be an object");
        return of(value ? value->as_object() : nothing, at(key), known);
    }
    /// Calls `each(value, path)` for every element.
    template <class Each>
    Result<> list(std::string_view key, Each each, std::size_t max = entries_max) const {
        auto const* const value = json::find(in_, key);
        if (!value) return {};
        if (!value->is_array() || value->as_array().size() > max) return wrong(key, fmt::format("must be a list of at most {}", max));
        std::size_t index = 0;
        for (auto const& one : value->as_array()) CHECK_OK(each(one, fmt::format("{}[{}]", at(key), index++)));
        return {};
    }
    Result<> texts(std::string_view key, std::vector<std::string>& into, std::size_t max = entries_max) const {
        std::vector<std::string> out;
        CHECK_OK(list(key, [&](json::value const& one, std::string path) -> Result<> {
            if (!one.is_string() || one.as_string().empty() || one.as_string().size() > 256)
                return fail(Errc::invalid, "trunk: " + path + " must be a text of 1-256 characters", path);
            out.emplace_back(one.as_string());
            return {};
        }, max));
        if (has(key)) into = std::move(out);
        return {};
    }
    bool has(std::string_view key) const { return json::find(in_, key) != nullptr; }

  private:
    Fields(json::object const& in, std::string path) : in_{in}, path_{std::move(path)} {}
    json::object const& in_;
    std::string path_;
};

bool host_form(std::string_view host) {
    auto const fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    return Address::parse(host, 0) || (!host.empty() && host.size() <= 253 && std::ranges::all_of(host, fits));
}

Result<Target> target_from(json::value const& value, std::string path) {
    if (!value.is_object()) return fail(Errc::invalid, "trunk: " + path + R"( must be an object with "host", "port" and "transport")", path);
    TRY(auto const fields, Fields::of(value.as_object(), std::move(path), {"host", "port", "transport"}));
    Target target;
    int port = 0;
    CHECK_OK(fields.read("host", target.host));
    CHECK_OK(fields.read("port", port, 1, 65535));
    CHECK_OK(fields.read_name("transport", target.transport));
    if (target.host.starts_with('[') && target.host.ends_with(']')) target.host = target.host.substr(1, target.host.size() - 2);
    if (!host_form(target.host)) return fields.wrong("host", "must be a host name or an IP address");
    if (port > 0) target.port = std::uint16_t(port);
    return target;
}

Result<> read_numbers(Fields const& top, NumberFormats& numbers) {
    TRY(auto const fields, top.object("numbers", {"request_uri", "from", "asserted", "std_code"}));
    CHECK_OK(fields.read("request_uri", numbers.request_uri));
    CHECK_OK(fields.read("from", numbers.from));
    CHECK_OK(fields.read("asserted", numbers.asserted));
    CHECK_OK(fields.read("std_code", numbers.std_code));
    for (auto const& [key, format] : {std::pair{"request_uri", &numbers.request_uri}, {"from", &numbers.from}, {"asserted", &numbers.asserted}})
        if (auto const checked = check_format(*format); !checked) return fields.wrong(key, ": " + checked.error().what);
    if (numbers.request_uri.empty()) return fields.wrong("request_uri", "must not be empty");
    auto const& code = numbers.std_code;
    auto const digits = all_digits(code);
    if (!code.empty() && (!digits || code[0] == '0' || code.size() < 2 || code.size() > 4))
        return fields.wrong("std_code", "must be 2-4 digits without the leading 0, e.g. 11");
    return {};
}

Result<> read_limits(Fields const& top, Trunk& trunk) {
    TRY(auto const limits, top.object("limits", {"in", "out", "max_minutes_day"}));
    CHECK_OK(limits.read("max_minutes_day", trunk.max_minutes_day, 0, minutes_max));
    for (auto const& [key, limit] : {std::pair{"in", &trunk.in}, {"out", &trunk.out}}) {
        TRY(auto const fields, limits.object(key, {"channels", "cps"}));
        CHECK_OK(fields.read("channels", limit->channels, 0, channels_max));
        CHECK_OK(fields.read("cps", limit->cps, 0, channels_max));
    }
    return {};
}

Result<> read_auth(Fields const& top, Trunk& trunk, Secret secret) {
    TRY(auto const fields, top.object("auth", {"user", "realm"}));
    if (!top.has("auth")) return {};
    Login login;
    CHECK_OK(fields.read("user", login.user));
    CHECK_OK(fields.read("realm", login.realm));
    if (login.user.empty()) return fields.wrong("user", "is required");
    if (secret.empty()) return fields.wrong("secret", "is required beside auth.user");
    login.secret = std::move(secret);
    trunk.auth = std::move(login);
    return {};
}

Result<> read_features(Fields const& top, Trunk& trunk) {
    TRY(auto const fields, top.object("features", {"100rel", "update", "timers", "nat", "early_media", "media_timeout", "redirects_max", "refer"}));
    CHECK_OK(fields.read_switch("100rel", trunk.reliable));
    CHECK_OK(fields.read_switch("update", trunk.update));
    CHECK_OK(fields.read_switch("timers", trunk.timers));
    CHECK_OK(fields.read("refer", trunk.refer));
    CHECK_OK(fields.read_name("nat", trunk.nat));
    CHECK_OK(fields.read("early_media", trunk.early_media));
    int silence = int(trunk.media_timeout.count());
    CHECK_OK(fields.read("media_timeout", silence, 5, 600));
    trunk.media_timeout = std::chrono::seconds{silence};
    return fields.read("redirects_max", trunk.redirects_max, 0, 3);
}

Result<> read_peers(Fields const& top, Trunk& trunk) {
    CHECK_OK(top.list("addresses", [&](json::value const& one, std::string path) -> Result<> {
        if (!one.is_string()) return fail(Errc::invalid, "trunk: " + path + " must be an address or a CIDR range", path);
        auto range = Cidr::parse(one.as_string());
        if (!range) return fail(Errc::invalid, "trunk: " + path + ": " + range.error().what, path);
        trunk.addresses.push_back(*range);
        return {};
    }));
    CHECK_OK(top.list("targets", [&](json::value const& one, std::string path) -> Result<> {
        TRY(auto target, target_from(one, std::move(path)));
        trunk.targets.push_back(std::move(target));
        return {};
    }));
    CHECK_OK(top.texts("tls_names", trunk.tls_names));
    if (trunk.kind == TrunkKind::ip && trunk.addresses.empty()) return top.wrong("addresses", "is required for kind ip");
    if (trunk.kind == TrunkKind::tls && trunk.tls_names.empty()) return top.wrong("tls_names", "is required for kind tls");
    if (trunk.kind == TrunkKind::registering && trunk.targets.empty()) return top.wrong("targets", "is required for kind register");
    return {};
}

}  // namespace

Result<Cidr> Cidr::parse(std::string_view text) {
    auto const slash = text.find('/');
    TRY(auto const base, Address::parse(text.substr(0, slash), 0));
    int const longest = base.family == AF_INET ? 32 : 128;
    if (slash == std::string_view::npos) return Cidr{base, longest};
    auto const prefix = number_of<int>(text.substr(slash + 1));
    if (!prefix || *prefix < 0 || *prefix > longest)
        return fail(Errc::invalid, fmt::format("'{}' has no prefix length from 0 to {}", text, longest));
    return Cidr{base, *prefix};
}

bool Cidr::contains(Address const& address) const {
    if (address.family != base.family) return false;
    for (int bit = 0; bit < prefix; bit += 8) {
        auto const mask = prefix - bit >= 8 ? 0xff : 0xff << (8 - (prefix - bit)) & 0xff;
        auto const byte = std::size_t(bit) / 8;
        if ((address.ip[byte] & mask) != (base.ip[byte] & mask)) return false;
    }
    return true;
}

Result<Trunk> trunk_from(std::string name, bool test, json::object const& config, Secret secret) {
    TRY(auto const top, Fields::of(config, {}, {"kind", "addresses", "tls_names", "targets", "auth", "codecs", "numbers", "limits", "health",
                                                "features", "public_address", "dids", "lsa", "leg_class"}));
    Trunk trunk;
    trunk.name = std::move(name);
    trunk.test = test;
    if (trunk.name.empty() || trunk.name.size() > 64) return top.wrong("name", "must have 1-64 characters");
    CHECK_OK(top.read_name("kind", trunk.kind));
    CHECK_OK(read_peers(top, trunk));
    CHECK_OK(read_auth(top, trunk, std::move(secret)));
    if ((trunk.kind == TrunkKind::registering || trunk.kind == TrunkKind::digest) && !trunk.auth)
        return top.wrong("auth", fmt::format("is required for kind {}", boni::name(trunk.kind)));
    CHECK_OK(top.texts("codecs", trunk.codecs));
    if (trunk.codecs.empty()) return top.wrong("codecs", "must name at least one codec");
    CHECK_OK(read_numbers(top, trunk.numbers));
    CHECK_OK(read_limits(top, trunk));
    CHECK_OK(read_features(top, trunk));
    TRY(auto const health, top.object("health", {"every_seconds"}));
    int every = int(trunk.health_every.count());
    CHECK_OK(health.read("every_seconds", every, 0, 60));
    if (every != 0 && every < 15) return health.wrong("every_seconds", "must be 0 or 15-60");
    trunk.health_every = std::chrono::seconds{every};
    CHECK_OK(top.read("public_address", trunk.public_address));
    if (!trunk.public_address.empty() && !Address::parse(trunk.public_address, 0)) return top.wrong("public_address", "must be an IP address");
    CHECK_OK(top.texts("dids", trunk.dids, dids_max));
    for (std::size_t i = 0; i < trunk.dids.size(); ++i)
        if (auto const party = party_of(trunk.dids[i]); !party.e164 || party.value != trunk.dids[i])
            return top.wrong(fmt::format("dids[{}]", i), "must be an E.164 number, e.g. +911140001234");
    CHECK_OK(top.read("lsa", trunk.lsa));
    CHECK_OK(top.read("leg_class", trunk.leg_class));
    if (std::ranges::find(leg_classes, trunk.leg_class) == leg_classes.end())
        return top.wrong("leg_class", "must be one of PSTN_IN, VOIP_IN, VOIP_INTL, WHATSAPP");
    return trunk;
}

}  // namespace boni::sip
