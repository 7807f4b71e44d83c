#include "sip/identity.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/utf8.hpp"
#include "sip/name_addr.hpp"
#include "sip/normalise.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t identities_max = 4;     // RFC 3325 allows two
constexpr std::size_t histories_max = 32;     // entries that are looked at; a call that went through more is lost anyway
constexpr std::size_t word_bytes_max = 64;    // of a reason
constexpr std::size_t raw_bytes_max = 1024;
constexpr int counter_max = 100;

/// Does a list of privacy words have one of those? "full-network" is full (draft-ietf-sip-privacy-04).
bool has_word(std::string_view privacy, std::initializer_list<std::string_view> words) {
    while (!privacy.empty()) {
        auto const end = privacy.find_first_of(";,");
        auto const word = trim(privacy.substr(0, end));
        auto const said = word.substr(0, word.find('-'));
        if (std::ranges::any_of(words, [&](auto const& one) { return same_word(said, one); })) return true;
        privacy = end == std::string_view::npos ? std::string_view{} : privacy.substr(end + 1);
    }
    return false;
}

/// What the parameter `privacy` of Remote-Party-ID and Diversion leaves of a party.
Party shown(Party party, std::string_view privacy) {
    if (has_word(privacy, {"full", "uri"})) return withheld(std::move(party));
    if (has_word(privacy, {"name"})) party.display_name.clear();
    return party;
}

std::optional<Party> asserted_party(std::string_view values, std::string_view std_code) {
    std::optional<Party> found;
    for (auto const value : values_of(values, identities_max)) {
        auto one = party_of_uri(value, std_code);
        if (!found || (!found->e164 && one.e164)) found = std::move(one);
    }
    return found;
}

/// Without `party` it is the caller who is named.
std::string_view calling_value(std::string_view remote_parties) {
    for (auto const value : values_of(remote_parties, identities_max)) {
        auto const party = param_of(name_addr(value).params, "party");
        if (party.empty() || same_word(party, "calling")) return value;
    }
    return {};
}

// --- diversions -------------------------------------------------------------------------------------------------------------

/// Values of all headers of one name, in order: a list may stand in one header or in many.
std::vector<std::string_view> flattened(std::span<std::string const> headers, std::size_t at_most) {
    std::vector<std::string_view> out;
    for (auto const& header : headers)
        for (auto const value : values_of(header, at_most - out.size())) out.push_back(value);
    return out;
}

Diversion by_diversion(std::string_view value, std::string_view std_code) {
    auto const params = name_addr(value).params;
    Diversion out{.party = shown(party_of_uri(value, std_code), param_of(params, "privacy")),
                  .reason = as_utf8(param_of(params, "reason"), word_bytes_max), .raw = as_utf8(value, raw_bytes_max)};
    auto const counter = param_of(params, "counter");
    int count = 1;
    std::from_chars(counter.data(), counter.data() + counter.size(), count);
    out.count = std::clamp(count, 1, counter_max);
    return out;
}

/// One entry of History-Info, in the parts that matter.
struct Entry {
    std::string_view raw, user;
    std::string index, mapped_from, cause, reason;
    bool withheld = false;
};

/// A header within a URI, still escaped: "sip:a@b?Reason=SIP%3Bcause%3D302&Privacy=history".
std::string_view uri_header(std::string_view uri, std::string_view name) {
    auto const start = uri.find('?');
    auto rest = start == std::string_view::npos ? std::string_view{} : uri.substr(start + 1);
    while (!rest.empty()) {
        auto const end = std::min(rest.find('&'), rest.size());
        auto const equals = rest.substr(0, end).find('=');
        if (equals != std::string_view::npos && same_word(rest.substr(0, equals), name)) return rest.substr(equals + 1, end - equals - 1);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

Entry entry_of(std::string_view value) {
    auto const [display_name, uri, params] = name_addr(value);
    auto const plain = uri.substr(0, uri.find('?'));
    auto const at = std::min(plain.find('@'), plain.size());
    Entry out{.raw = value, .user = plain.substr(0, at)};
    out.index = param_of(params, "index");
    out.mapped_from = param_of(params, "mp");
    auto const host = plain.substr(at);
    out.cause = param_of(host.substr(std::min(host.find(';'), host.size())), "cause");
    out.reason = uri_header(uri, "Reason");
    auto const privacy = uri_header(uri, "Privacy");
    out.withheld = !privacy.empty() && !same_word(privacy, "none");
    return out;
}

/// The digits behind "cause" of an escaped Reason: "SIP%3Bcause%3D302%3Btext..." gives 302.
std::string cause_in(std::string_view reason) {
    auto const word = lower(reason);
    auto const at = word.find("cause");
    if (at == word.npos) return {};
    auto const value = word.find_first_of("0123456789", at + (word.substr(at).starts_with("cause%3d") ? 8 : 5));
    return value == word.npos ? std::string{} : word.substr(value, word.find_first_not_of("0123456789", value) - value);
}

std::vector<Diversion> by_history(DiversionHeaders const& headers, std::string_view std_code) {
    std::vector<Entry> entries;
    for (auto const value : flattened(headers.history, histories_max)) entries.push_back(entry_of(value));
    std::vector<Diversion> out;
    for (auto i = entries.size(); i-- > 1 && out.size() < diversions_max;) {
        auto const& to = entries[i];
        auto by = entries.begin() + std::ptrdiff_t(i) - 1;
        if (!to.mapped_from.empty())
            if (auto const named = std::ranges::find(entries, to.mapped_from, &Entry::index); named != entries.end()) by = named;
        auto const diverted = !to.cause.empty() || !to.mapped_from.empty() || !by->reason.empty();
        if (!diverted || by->user == to.user) continue;
        auto party = party_of_uri(by->raw, std_code);
        if (by->withheld || has_word(headers.privacy, {"history", "header", "session", "full"})) party = withheld(std::move(party));
        out.push_back({.party = std::move(party), .reason = as_utf8(to.cause.empty() ? cause_in(by->reason) : to.cause, word_bytes_max),
                       .raw = as_utf8(by->raw, raw_bytes_max)});
    }
    return out;
}

}  // namespace

Party calling_party(CallerHeaders const& headers, std::string_view std_code) {
    auto party = party_of_uri(headers.from, std_code);
    auto const display_name = party.display_name;
    auto const remote = calling_value(headers.remote_party);
    auto trusted = asserted_party(headers.asserted, std_code);
    if (!trusted && !remote.empty()) trusted = party_of_uri(remote, std_code);
    if (trusted) {
        party = *std::move(trusted);
        if (party.display_name.empty() && !party.restricted) party.display_name = display_name;
    }
    party = shown(std::move(party), param_of(name_addr(remote).params, "privacy"));
    return has_word(headers.privacy, {"id", "user", "full"}) ? withheld(std::move(party)) : party;
}

std::vector<Diversion> diversions(DiversionHeaders const& headers, std::string_view std_code) {
    std::vector<Diversion> out;
    for (auto const value : flattened(headers.diversion, diversions_max)) out.push_back(by_diversion(value, std_code));
    return out.empty() ? by_history(headers, std_code) : out;
}

}  // namespace boni::sip
