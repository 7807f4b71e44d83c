#include "media/description.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/number.hpp"

namespace boni::media {
namespace {

constexpr std::size_t description_bytes_max = 16 * 1024;   // a carrier's is one to two
constexpr std::size_t sections_max = 4;                    // sip.md 9: a telephone has one or two
constexpr std::size_t formats_max = 32;

/// The next word of `line`, which loses it and the spaces behind.
std::string_view word(std::string_view& line) {
    auto const found = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.find_first_not_of(' ', found.size()), line.size()));
    return found;
}

/// To many at once: multicast, and what is beyond it (RFC 1112 4, RFC 4291 2.7). Audio goes to one caller.
bool to_many(Address const& address) { return address.ip[0] >= (address.family == AF_INET ? 224 : 255); }

/// "IN IP4 192.0.2.1[/ttl]"; 0.0.0.0 is the old way to say hold and stays an address of zeros. Names are not looked up.
std::optional<Address> connection(std::string_view line) {
    if (!same_word(word(line), "IN")) return std::nullopt;
    auto const kind = word(line);
    if (!same_word(kind, "IP4") && !same_word(kind, "IP6")) return std::nullopt;
    auto const address = Address::parse(line.substr(0, line.find_first_of("/ ")), 0);
    if (!address || to_many(*address)) return std::nullopt;
    return *address;
}

std::optional<Direction> direction(std::string_view attribute) {
    if (attribute == "sendrecv") return Direction::send_receive;
    if (attribute == "sendonly") return Direction::send_only;
    if (attribute == "recvonly") return Direction::receive_only;
    if (attribute == "inactive") return Direction::inactive;
    return std::nullopt;
}

/// "8 PCMA/8000[/1]". Of more channels it is another codec than ours, whatever its name.
std::optional<PayloadMap> rtpmap(std::string_view line) {
    auto const type = number_of<unsigned>(word(line));
    auto const slash = line.find('/');
    if (!type || *type > 127 || slash == std::string_view::npos) return std::nullopt;
    auto const rest = line.substr(slash + 1);
    auto const clock = number_of<std::uint32_t>(rest.substr(0, rest.find('/')));
    if (!clock || *clock == 0) return std::nullopt;
    auto const channels = rest.substr(std::min(rest.find('/'), rest.size()));
    auto const name = channels.empty() || channels == "/1" ? line.substr(0, slash) : line;
    auto const* ours = std::ranges::find_if(known_codecs, [&](KnownCodec const& one) { return same_word(one.name, name); });
    return PayloadMap{std::uint8_t(*type), std::string{ours != std::end(known_codecs) ? ours->name : name}, *clock};
}

/// In ms. None of 0, which some gateways write when they do not care.
std::optional<int> packet_time(std::string_view value) {
    auto const ms = number_of<int>(value);
    return ms && *ms > 0 ? ms : std::nullopt;
}

void attribute(Section& section, std::string_view line) {
    auto const colon = line.find(':');
    auto const name = line.substr(0, colon);
    auto const value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (auto const way = direction(line)) section.direction = way;
    if (name == "ptime") section.ptime = packet_time(value);
    if (name == "maxptime") section.maxptime = packet_time(value);
    if (name == "rtcp") section.rtcp_port = number_of<unsigned>(value.substr(0, value.find(' ')));
    if (name == "rtpmap" && section.mapped.size() < formats_max)
        if (auto map = rtpmap(value)) section.mapped.push_back(std::move(*map));
}

Result<Section> media_line(std::string_view line) {
    Section section;
    section.media = word(line);
    auto const port = word(line);
    auto const value = number_of<unsigned>(port.substr(0, port.find('/')));
    section.protocol = word(line);
    if (!value || *value > 65'535) return not_acceptable("an m= line without a valid port");
    section.port = *value;
    while (!line.empty()) {
        if (section.formats.size() == formats_max) return not_acceptable("more than 32 formats in one m= line");
        if (auto const format = word(line); !format.empty()) section.formats.emplace_back(format);
    }
    if (section.formats.empty()) return not_acceptable("an m= line without formats");
    return section;
}

}  // namespace

std::unexpected<Error> not_acceptable(std::string why) { return fail(Errc::invalid, "SDP: " + std::move(why), {}, "not_acceptable"); }

Result<Description> read_description(std::string_view text) {
    if (text.size() > description_bytes_max) return not_acceptable("longer than 16 KiB");
    if (!text.starts_with("v=0")) return not_acceptable("does not start with v=0");
    Description out;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line = line.substr(0, line.find_last_not_of(" \t\r") + 1);   // some write blanks behind a value, and "a=sendonly " is a hold
        if (line.empty()) continue;
        if (line.size() < 2 || line[1] != '=') return not_acceptable("a line that is not <letter>=<value>");
        auto const value = line.substr(2);
        auto* const section = out.sections.empty() ? nullptr : &out.sections.back();
        if (line[0] == 'm') {
            if (out.sections.size() == sections_max) return not_acceptable("more than 4 m= lines");
            TRY(auto next, media_line(value));
            out.sections.push_back(std::move(next));
        } else if (line[0] == 'c') {
            auto const address = connection(value);
            if (!address) return not_acceptable("a c= line without a literal address of one host");
            (section ? section->address : out.address) = address;
        } else if (line[0] == 'a') {
            if (section) attribute(*section, value);
            else if (auto const way = direction(value)) out.direction = *way;
        }
    }
    return out;
}

std::vector<PayloadMap> payloads_of(Section const& section) {
    std::vector<PayloadMap> out;
    for (auto const& format : section.formats) {
        auto const type = number_of<unsigned>(format);
        if (!type || *type > 127) continue;
        auto const mapped = std::ranges::find(section.mapped, std::uint8_t(*type), &PayloadMap::type);
        if (mapped != section.mapped.end()) {
            out.push_back(*mapped);
        } else if (auto const* fixed = std::ranges::find_if(known_codecs, [&](KnownCodec const& one) { return one.type == *type && *type < 96; });
                   fixed != std::end(known_codecs)) {
            out.push_back({std::uint8_t(*type), std::string{fixed->name}, 8000});
        }
    }
    return out;
}

}  // namespace boni::media
