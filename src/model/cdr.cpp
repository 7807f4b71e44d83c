#include "model/cdr.hpp"

#include <algorithm>
#include <cmath>

#include "base/ascii.hpp"
#include "base/crypto.hpp"

namespace boni::model {
namespace {

constexpr std::int64_t scale = 1'000'000;

/// What is counted by day belongs to no call.
bool of_calls(UsageType const& type) { return type.name != "recording_storage" && type.name != "number_days"; }

/// Digits after the point without a double between: 2500000 millionths with 2 are "2.50".
std::string decimal(std::int64_t millionths, int digits) {
    std::int64_t unit = 1;
    for (int digit = digits; digit < 6; ++digit) unit *= 10;
    auto const rounded = (millionths + unit / 2) / unit;
    std::int64_t const whole = scale / unit;
    auto fraction = std::to_string(rounded % whole);
    fraction.insert(0, std::size_t(digits) - fraction.size(), '0');
    return std::to_string(rounded / whole) + '.' + fraction;
}

std::string optional_time(std::optional<Instant> at) { return at ? rfc3339(*at) : std::string{}; }

/// "2026-11-23T11:40:13.482+05:30".
std::string in_india(Instant at) {
    auto text = rfc3339(at + ist_offset);
    text.pop_back();
    return text + "+05:30";
}

std::int64_t answered_ms(Call const& call) {
    return call.answered_at && call.ended_at ? unix_ms(*call.ended_at) - unix_ms(*call.answered_at) : 0;
}

/// Empty when it is no JSON object.
json::object record_of(CdrLeg const& leg) {
    auto parsed = json::parse(leg.record);
    return parsed && parsed->is_object() ? std::move(parsed->get_object()) : json::object{};
}

/// A member of a leg's record, `inner` of `outer` or, without `inner`, `outer` itself; empty without.
std::string member_text(json::object const& record, std::string_view outer, std::string_view inner) {
    auto const* value = json::find(record, outer);
    if (value && !inner.empty()) value = value->is_object() ? json::find(value->get_object(), inner) : nullptr;
    if (!value) return {};
    if (auto const* const text = value->if_string()) return std::string{*text};
    if (auto const* const number = value->if_double()) return decimal(std::llround(*number * double(scale)), 3);
    return json::serialize(*value);
}

std::int64_t billable_seconds(Call const& call) { return (answered_ms(call) + 999) / 1000; }

struct Column {
    std::string name;
    std::string (*text)(Cdr const& record);
};

Column const columns[] = {
    {"call_id", [](Cdr const& r) { return r.call.id.str(); }},
    {"tenant_id", [](Cdr const& r) { return r.call.tenant.str(); }},
    {"number_id", [](Cdr const& r) { return r.call.number.str(); }},
    {"route_id", [](Cdr const& r) { return r.call.route.str(); }},
    {"route_status", [](Cdr const& r) { return r.route_status; }},
    {"direction", [](Cdr const& r) { return std::string{name(r.call.direction)}; }},
    {"channel", [](Cdr const& r) { return std::string{name(r.call.channel)}; }},
    {"from", [](Cdr const& r) { return r.call.from; }},
    {"to", [](Cdr const& r) { return r.call.to; }},
    {"status", [](Cdr const& r) { return std::string{name(r.call.status)}; }},
    {"hangup_cause", [](Cdr const& r) { return r.call.hangup_cause; }},
    {"hangup_by", [](Cdr const& r) { return r.call.hangup_by; }},
    {"q850", [](Cdr const& r) { return r.q850 ? std::to_string(*r.q850) : std::string{}; }},
    {"sip_call_id", [](Cdr const& r) { return r.call.sip_call_id; }},
    {"test", [](Cdr const& r) { return std::string{r.call.test ? "true" : "false"}; }},
    {"started_at", [](Cdr const& r) { return rfc3339(r.call.started_at); }},
    {"started_at_ist", [](Cdr const& r) { return in_india(r.call.started_at); }},
    {"ringing_at", [](Cdr const& r) { return optional_time(r.ringing_at); }},
    {"answered_at", [](Cdr const& r) { return optional_time(r.call.answered_at); }},
    {"ended_at", [](Cdr const& r) { return optional_time(r.call.ended_at); }},
    {"duration_seconds", [](Cdr const& r) { return decimal(answered_ms(r.call) * 1000, 3); }},
    {"billable_seconds", [](Cdr const& r) { return std::to_string(billable_seconds(r.call)); }},
};

/// Behind them, of the record of the caller's leg.
struct LegColumn { std::string_view name, outer, inner = {}; };
constexpr LegColumn leg_columns[] = {
    {"leg_id", "legId"}, {"leg_class", "legClass"}, {"lsa", "lsa"}, {"trunk", "trunk"}, {"sip_local_tag", "sipLocalTag"},
    {"sip_remote_tag", "sipRemoteTag"}, {"from_raw", "fromRaw"}, {"from_e164", "fromE164"}, {"to_raw", "toRaw"}, {"to_e164", "toE164"},
    {"asserted_identity", "assertedIdentity"}, {"redirected_from", "redirectedFrom"}, {"diversions", "diversions"},
    {"transport", "transport"}, {"signalling_peer", "signallingPeer"}, {"signalling_local", "signallingLocal"}, {"early_at", "earlyAt"},
    {"sip_status", "sipStatus"}, {"dtmf_count", "dtmfCount"}, {"media_peer", "media", "remote"}, {"media_local", "media", "local"},
    {"codec", "media", "codec"}, {"srtp", "media", "srtp"},
    {"packets_received", "rtp", "packetsReceived"}, {"packets_sent", "rtp", "packetsSent"}, {"packets_lost", "rtp", "lost"},
    {"jitter_ms", "rtp", "jitterMs"}, {"mos", "rtp", "mos"}, {"mos_min", "rtp", "mosMin"}, {"node", "node"}, {"sequence", "sequence"},
    {"prev_hash", "prevHash"},
};

}  // namespace

json::object to_json(Cdr const& record) {
    auto const& call = record.call;
    json::object out{{"callId", call.id.str()}, {"tenantId", call.tenant.str()}, {"numberId", call.number.str()}};
    auto const add = [&](std::string_view member, std::string const& text) { if (!text.empty()) out[member] = text; };
    add("routeId", call.route.str());
    add("routeStatus", record.route_status);
    out["direction"] = name(call.direction);
    out["channel"] = name(call.channel);
    out["from"] = call.from;
    out["to"] = call.to;
    out["status"] = name(call.status);
    add("hangupCause", call.hangup_cause);
    add("hangupBy", call.hangup_by);
    if (record.q850) out["q850"] = *record.q850;
    add("sipCallId", call.sip_call_id);
    out["test"] = call.test;
    out["startedAt"] = rfc3339(call.started_at);
    add("ringingAt", optional_time(record.ringing_at));
    add("answeredAt", optional_time(call.answered_at));
    add("endedAt", optional_time(call.ended_at));
    out["durationSeconds"] = call.duration_seconds();
    json::array usage;
    for (auto const& total : record.usage) {
        auto row = to_json(total);
        row["billableAmountInr"] = rupees(total.charge);
        usage.push_back(std::move(row));
    }
    out["usage"] = std::move(usage);
    return out;
}

std::string cdr_json_line(Cdr const& record) {
    auto line = json::serialize(to_json(record));
    line.pop_back();
    line += ",\"legs\":[";
    for (auto const& leg : record.legs) {
        if (line.back() != '[') line += ',';
        line += R"({"hash":")" + leg.hash + R"(","record":)" + leg.record + '}';
    }
    return line + "]}\n";
}

std::string leg_record(Cdr const& record, int leg, json::object facts, CdrHead const& head) {
    auto const& call = record.call;
    auto const at = [&](std::string const& member, std::optional<Instant> time) {
        if (!time) return;
        facts[member] = rfc3339(*time);
        facts[member + "Ist"] = in_india(*time);
    };
    for (auto const& [member, text] : {std::pair<std::string_view, std::string>{"callId", call.id.str()}, {"tenantId", call.tenant.str()},
                                       {"numberId", call.number.str()}, {"direction", std::string{name(call.direction)}},
                                       {"channel", std::string{name(call.channel)}}, {"from", call.from}, {"to", call.to},
                                       {"status", std::string{name(call.status)}}, {"hangupCause", call.hangup_cause},
                                       {"hangupBy", call.hangup_by}, {"sipCallId", call.sip_call_id}, {"node", head.node}, {"prevHash", head.hash}})
        facts[member] = text;
    at("startedAt", call.started_at);
    at("ringingAt", record.ringing_at);
    at("answeredAt", call.answered_at);
    at("endedAt", call.ended_at);
    if (auto const early = from_rfc3339(json::text(facts, "earlyAt").value_or(""))) at("earlyAt", *early);
    if (record.q850) facts["q850"] = *record.q850;
    facts["billableSeconds"] = billable_seconds(call);
    facts["test"] = call.test;
    facts["leg"] = leg;
    facts["legId"] = call.id.str() + '/' + std::to_string(leg);
    facts["sequence"] = head.sequence + 1;
    return json::canonical(facts);
}

Result<> check_leg(CdrLeg const& leg, CdrHead const& head) {
    auto const wrong = [](std::string why) { return fail(Errc::invalid, std::move(why)); };
    if (leg.sequence != head.sequence + 1) return wrong("record " + std::to_string(head.sequence + 1) + " is missing");
    if (sha256_hex(leg.record) != leg.hash) return wrong("record " + std::to_string(leg.sequence) + " was changed");
    auto const record = record_of(leg);
    if (json::text(record, "prevHash") != head.hash || json::integer(record, "sequence") != leg.sequence)
        return wrong("record " + std::to_string(leg.sequence) + " does not follow the one before it");
    return {};
}

CdrHead head_before(CdrLeg const& leg) {
    return {.sequence = leg.sequence - 1, .hash = json::text_or_empty(record_of(leg), "prevHash")};
}

std::string cdr_csv_head() {
    std::string out;
    for (auto const& column : columns) out += column.name + ',';
    for (auto const& column : leg_columns) out.append(column.name) += ',';
    out += "hash,";
    for (auto const& type : usage_table())
        if (of_calls(type)) out += std::string{type.name} + ',' + std::string{type.name} + "_inr,";
    return out + "total_inr\r\n";
}

std::string cdr_csv_row(Cdr const& record) {
    std::string out;
    for (auto const& column : columns) out += csv_field(column.text(record)) + ',';
    auto const leg = record.legs.empty() ? CdrLeg{} : record.legs.front();
    auto const facts = record_of(leg);
    for (auto const& column : leg_columns) out += csv_field(member_text(facts, column.outer, column.inner)) + ',';
    out += leg.hash + ',';
    std::int64_t sum = 0;
    for (auto const& type : usage_table()) {
        if (!of_calls(type)) continue;
        auto const used = std::ranges::find(record.usage, type.name, &UsageTotal::type);
        if (used != record.usage.end()) {
            out += decimal((used->quantity * scale + type.per_unit / 2) / type.per_unit, 6) + ',' + decimal(used->charge, 6);
            sum += used->charge;
        } else {
            out += ',';
        }
        out += ',';
    }
    return out + decimal(sum, 6) + "\r\n";
}

std::string csv_field(std::string_view text) {
    auto const number = text.starts_with('+') && all_digits(text.substr(1));
    std::string out;
    if (!text.empty() && std::string_view{"=+-@\t\r\n|%"}.find(text.front()) != std::string_view::npos && !number) out += '\'';
    out += text;
    if (out.find_first_of(",\"\r\n") == out.npos && !out.starts_with(' ') && !out.ends_with(' ')) return out;
    std::string quoted = "\"";
    for (char const byte : out) quoted.append(byte == '"' ? 2 : 1, byte);
    return quoted + '"';
}

}  // namespace boni::model
