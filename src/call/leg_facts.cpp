#include "call/leg_facts.hpp"

#include "base/utf8.hpp"

namespace boni::call {
namespace {

constexpr std::size_t foreign_bytes_max = 256;       // of what the other end wrote

void add(json::object& out, std::string_view name, std::string_view text) {
    if (!text.empty()) out[name] = as_utf8(text, foreign_bytes_max);
}

/// The last one who diverted, and how often the call was diverted in all.
void diverted(json::object& out, std::vector<sip::Diversion> const& diversions) {
    auto count = 0;
    for (auto const& one : diversions) count += one.count;
    out["diversions"] = count;
    if (diversions.empty()) return;
    auto const& last = diversions.front();
    add(out, "redirectedFrom", last.party.value);
    add(out, "redirectedFromRaw", last.raw);
    add(out, "redirectedReason", last.reason);
}

json::object media_of(LegMedia const& media) {
    json::object out;
    add(out, "codec", media.codec);
    out["local"] = media.local->text();
    if (media.remote) out["remote"] = media.remote->text();
    out["srtp"] = "none";                            // RTP/AVP is all this build speaks
    return out;
}

}  // namespace

json::object to_json(LegFacts const& facts) {
    auto const& incoming = facts.incoming;
    json::object out{{"legClass", facts.channel == model::Channel::whatsapp_calling ? "WHATSAPP" : incoming.leg_class}};
    if (facts.digits) out["dtmfCount"] = *facts.digits;
    add(out, "trunk", incoming.trunk);
    add(out, "lsa", incoming.lsa);
    add(out, "sipLocalTag", incoming.local_tag);
    add(out, "sipRemoteTag", incoming.remote_tag);
    add(out, "fromRaw", incoming.calling.raw);
    if (incoming.calling.e164) add(out, "fromE164", incoming.calling.value);
    if (incoming.calling.restricted) out["fromRestricted"] = true;
    add(out, "toRaw", incoming.called.raw);
    add(out, "toE164", facts.called);
    add(out, "assertedIdentity", incoming.asserted_identity);
    add(out, "remotePartyId", incoming.remote_party);
    diverted(out, incoming.diversions);
    out["signallingPeer"] = incoming.source.text();
    out["signallingLocal"] = incoming.local.text();
    out["transport"] = name(incoming.transport);
    if (facts.early_at) out["earlyAt"] = rfc3339(*facts.early_at);
    if (facts.sip_status != 0) out["sipStatus"] = facts.sip_status;
    if (facts.media.local) out["media"] = media_of(facts.media);
    if (facts.quality) out["rtp"] = quality_detail(*facts.quality);
    return out;
}

json::object quality_detail(media::Quality const& quality) {
    json::object out{{"packetsReceived", quality.packets_received}, {"packetsSent", quality.packets_sent}, {"lost", quality.lost},
                     {"late", quality.late}, {"reordered", quality.reordered}, {"duplicated", quality.duplicated},
                     {"spoofed", quality.spoofed}, {"jitterMs", quality.jitter_ms}, {"bufferMs", quality.buffer_ms}};
    if (quality.rtt_ms) out["rttMs"] = *quality.rtt_ms;
    if (quality.mos > 0) {
        out["mos"] = quality.mos;
        out["mosMin"] = quality.mos_min;
    }
    return out;
}

}  // namespace boni::call
