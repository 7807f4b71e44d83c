#include "media/sdp.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "media/description.hpp"

namespace boni::media {
namespace {

bool is_audio(PayloadMap const& map) { return map.codec != "telephone-event" && map.codec != "CN"; }

/// What both know, in the offerer's order with ours breaking no tie: the answerer may choose, and keeps their first (RFC 3264 6.1).
std::vector<PayloadMap> shared(std::vector<PayloadMap> const& theirs, std::vector<std::string> const& codecs) {
    std::vector<PayloadMap> out;
    for (auto const& map : theirs) {
        auto const wanted = std::ranges::find(codecs, map.codec) != codecs.end() || map.codec == "CN";
        auto const repeated = std::ranges::find(out, map.codec, &PayloadMap::codec) != out.end();
        if (wanted && !repeated && map.clock_hz == 8000) out.push_back(map);
    }
    return out;
}

/// The first payload is what we send, so it has to be audio; the rest keeps its order.
void audio_first(std::vector<PayloadMap>& payloads) {
    auto const audio = std::ranges::find_if(payloads, is_audio);
    if (audio != payloads.end()) std::rotate(payloads.begin(), audio, audio + 1);
}

/// Its usual type, or one that the session has not given to another codec.
std::uint8_t free_type(KnownCodec const& codec, std::vector<PayloadMap> const& payloads) {
    auto const taken = [&](std::uint8_t type) { return std::ranges::find(payloads, type, &PayloadMap::type) != payloads.end(); };
    auto type = codec.type;
    for (std::uint8_t other = 96; taken(type); ++other) type = other;
    return type;
}

/// What we speak beside what the session has agreed, events last: an offer somebody asks us for is made as for a new call (RFC 3261 14.2).
void widen(std::vector<PayloadMap>& payloads, std::vector<std::string> const& codecs) {
    for (auto const& codec : codecs) {
        auto const* one = std::ranges::find(known_codecs, std::string_view{codec}, &KnownCodec::name);
        if (one == std::end(known_codecs) || std::ranges::find(payloads, codec, &PayloadMap::codec) != payloads.end()) continue;
        PayloadMap map{free_type(*one, payloads), codec, 8000};
        auto const behind_audio = std::find_if(payloads.rbegin(), payloads.rend(), is_audio).base();
        payloads.insert(is_audio(map) ? behind_audio : payloads.end(), std::move(map));
    }
}

/// Behind the numbers by which they want a codec sent, those by which we offered to hear it: they may use either (RFC 3264 5.1).
void as_we_offered(std::vector<PayloadMap>& payloads, std::vector<PayloadMap> const& offered) {
    for (auto const& map : offered) {
        auto const agreed = std::ranges::find(payloads, map.codec, &PayloadMap::codec) != payloads.end();
        auto const taken = std::ranges::find(payloads, map.type, &PayloadMap::type) != payloads.end();
        if (agreed && !taken) payloads.push_back(map);
    }
}

Direction mirrored(Direction theirs) {
    if (theirs == Direction::send_only) return Direction::receive_only;
    if (theirs == Direction::receive_only) return Direction::send_only;
    return theirs;
}

Direction common(Direction a, Direction b) {
    auto const out = sends(a) && sends(b), in = receives(a) && receives(b);
    return out ? (in ? Direction::send_receive : Direction::send_only) : in ? Direction::receive_only : Direction::inactive;
}

std::string_view attribute_of(Direction way) {
    switch (way) {
        case Direction::send_receive: return "sendrecv";
        case Direction::send_only: return "sendonly";
        case Direction::receive_only: return "recvonly";
        case Direction::inactive: return "inactive";
    }
    return "sendrecv";
}

/// 10 to 60 ms in steps of 10; what they ask for, else ours, never above their maxptime.
std::chrono::milliseconds ptime_of(Section const& section, std::chrono::milliseconds ours) {
    auto ms = section.ptime.value_or(int(ours.count()));
    if (section.maxptime) ms = std::min(ms, *section.maxptime);
    return std::chrono::milliseconds{std::clamp(ms / 10 * 10, 10, 60)};
}

/// An m= line we do not take part in (RFC 3264 6).
std::string refusal(Section const& section) { return fmt::format("m={} 0 {} {}\r\n", section.media, section.protocol, section.formats.front()); }

std::string audio_section(Address const& local, std::vector<PayloadMap> const& payloads, Direction way, std::chrono::milliseconds ptime) {
    auto out = fmt::format("m=audio {} RTP/AVP", local.port);
    for (auto const& map : payloads) out += fmt::format(" {}", map.type);
    out += "\r\n";
    for (auto const& map : payloads) {
        out += fmt::format("a=rtpmap:{} {}/{}\r\n", map.type, map.codec, map.clock_hz);
        if (map.codec == "telephone-event") out += fmt::format("a=fmtp:{} 0-15\r\n", map.type);
    }
    out += fmt::format("a=ptime:{}\r\na=maxptime:60\r\na={}\r\n", ptime.count(), attribute_of(way));
    return out;
}

std::string beside_refused(std::string const& audio, SdpState const& state) {
    std::string out;
    for (auto i = 0uz; i <= state.refused.size(); ++i) {
        if (i == state.audio_at) out += audio;
        if (i < state.refused.size()) out += state.refused[i];
    }
    return out;
}

/// Session part and `sections`, with the version that goes with the text.
std::string describe(Address const& local, std::string const& sections, SdpState& state) {
    auto const family = local.family == AF_INET6 ? "IP6" : "IP4";
    state.family = local.family;
    if (state.session_id == 0) state.session_id = (std::uint64_t{random_below(0x7fffffff)} << 16) + 1;
    auto const text = [&](std::uint64_t version) {
        return fmt::format("v=0\r\no=boni {} {} IN {} {}\r\ns=-\r\nc=IN {} {}\r\nt=0 0\r\n{}", state.session_id, version, family, local.ip_text(),
                           family, local.ip_text(), sections);
    };
    if (state.version == 0 || text(state.version) != state.text) state.text = text(++state.version);
    return state.text;
}

PortConfig config_for(Description const& theirs, Section const& section, std::vector<PayloadMap> payloads, Direction ours,
                      std::chrono::milliseconds ptime) {
    PortConfig config;
    config.payloads = std::move(payloads);
    config.direction = ours;
    config.ptime = ptime;
    auto remote = section.address ? section.address : theirs.address;
    if (remote && !remote->any()) {
        config.remote = *remote;
        config.remote.port = std::uint16_t(section.port);
        config.remote_rtcp = *remote;
        config.remote_rtcp.port = section.rtcp_port && *section.rtcp_port <= 65'535 ? std::uint16_t(*section.rtcp_port) : std::uint16_t(section.port + 1);
    }
    return config;
}

/// What they do, from their side; c=0.0.0.0 is hold as RFC 2543 wrote it.
Direction direction_of(Description const& description, Section const& section) {
    auto const way = section.direction.value_or(description.direction);
    auto const address = section.address ? section.address : description.address;
    if (!address || !address->any()) return way;
    return sends(way) ? Direction::send_only : Direction::inactive;
}

/// Index of the first audio section we can use and reach from an address of `family`.
Result<std::size_t> audio_in(Description const& description, int family) {
    auto const& all = description.sections;
    auto const address = [&](Section const& section) { return section.address ? section.address : description.address; };
    auto const reached = [&](Section const& section) {
        return section.usable() && address(section) && (address(section)->any() || address(section)->family == family);
    };
    if (auto const found = std::ranges::find_if(all, reached); found != all.end()) return std::size_t(found - all.begin());
    auto const usable = std::ranges::find_if(all, &Section::usable);
    if (usable == all.end()) return not_acceptable("no audio over RTP/AVP");
    return not_acceptable(address(*usable) ? "no address of our family" : "no c= line");
}

bool paused(Section const& section) { return section.media == "audio" && section.protocol == "RTP/AVP" && section.port == 0; }

/// The place of our audio among their m= lines, and what all the others are answered.
void remember_lines(std::vector<Section> const& all, std::size_t audio_at, SdpState& state) {
    state.audio_at = audio_at;
    state.refused.clear();
    for (auto i = 0uz; i < all.size(); ++i)
        if (i != audio_at) state.refused.push_back(refusal(all[i]));
}

/// Where their audio stands in a session that they pause: every line is at port 0.
std::optional<std::size_t> paused_at(std::vector<Section> const& all, SdpState const& state) {
    auto const at = std::ranges::find_if(all, paused);
    if (!state.agreed || at == all.end() || std::ranges::any_of(all, [](Section const& one) { return one.port != 0; })) return std::nullopt;
    return std::size_t(at - all.begin());
}

/// The codecs wait for an offer that has a port again.
PortConfig nowhere(SdpState& state) {
    PortConfig config;
    config.payloads = state.payloads;
    config.direction = state.direction = Direction::inactive;
    return config;
}

/// Every m= line is refused, as they wish.
Agreed pause(std::vector<Section> const& all, std::size_t audio_at, Address const& local_rtp, SdpState& state) {
    remember_lines(all, audio_at, state);
    auto const sections = beside_refused(refusal(all[audio_at]), state);
    return {describe(local_rtp, sections, state), nowhere(state)};
}

}  // namespace

Result<Agreed> answer_offer(std::string_view offer, Address local_rtp, SdpPreferences const& preferences, SdpState& state) {
    TRY(auto const theirs, read_description(offer));
    auto const& all = theirs.sections;
    if (auto const at = paused_at(all, state)) return pause(all, *at, local_rtp, state);
    TRY(auto const index, audio_in(theirs, local_rtp.family));
    auto const& audio = theirs.sections[index];
    auto payloads = shared(payloads_of(audio), preferences.codecs);
    if (std::ranges::none_of(payloads, is_audio)) return not_acceptable("no codec in common");
    audio_first(payloads);

    auto const ours = mirrored(direction_of(theirs, audio));
    auto const ptime = ptime_of(audio, preferences.ptime);
    remember_lines(all, index, state);
    auto const sections = beside_refused(audio_section(local_rtp, payloads, ours, ptime), state);
    Agreed agreed{describe(local_rtp, sections, state), config_for(theirs, audio, payloads, ours, ptime)};
    state.payloads = std::move(payloads);
    state.direction = ours;
    state.agreed = true;
    return agreed;
}

std::string make_offer(Address local_rtp, SdpPreferences const& preferences, SdpState& state, Direction direction) {
    widen(state.payloads, preferences.codecs);
    state.direction = direction;
    auto offered = state.payloads;
    std::erase_if(offered, [](PayloadMap const& map) { return map.codec == "CN"; });
    return describe(local_rtp, beside_refused(audio_section(local_rtp, offered, direction, preferences.ptime), state), state);
}

Result<PortConfig> accept_answer(std::string_view answer, SdpState& state) {
    TRY(auto const theirs, read_description(answer));
    if (paused_at(theirs.sections, state)) return nowhere(state);
    TRY(auto const index, audio_in(theirs, state.family));
    auto const& audio = theirs.sections[index];
    std::vector<std::string> codecs;
    for (auto const& map : state.payloads) codecs.push_back(map.codec);
    auto payloads = shared(payloads_of(audio), codecs);
    audio_first(payloads);
    if (payloads.empty() || !is_audio(payloads.front())) return not_acceptable("the answer has no codec of our offer");
    state.direction = common(state.direction, mirrored(direction_of(theirs, audio)));   // some forget that they have us on hold (RFC 3264 6.1)
    state.agreed = true;
    as_we_offered(payloads, state.payloads);
    return config_for(theirs, audio, std::move(payloads), state.direction, ptime_of(audio, std::chrono::milliseconds{20}));
}

}  // namespace boni::media
