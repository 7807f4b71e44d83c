// The columns of each noun, listed once, in the order of nothing in particular: reading, inserting and column lists follow it.
// Pure. Thread: any.
#pragma once

#include "base/crypto.hpp"
#include "model/agent.hpp"
#include "model/audit.hpp"
#include "model/call.hpp"
#include "model/cdr.hpp"
#include "model/event.hpp"
#include "model/number.hpp"
#include "model/number_request.hpp"
#include "model/recording.hpp"
#include "model/route.hpp"
#include "model/team.hpp"
#include "model/tenant.hpp"
#include "model/trunk.hpp"
#include "model/usage.hpp"
#include "model/whatsapp.hpp"
#include "store/cell.hpp"

namespace boni::store {

/// Sealed secrets are bytes with zeros in them; base64 keeps them text.
struct SealedBytes {
    std::string bytes;
};
template <>
struct CellOf<SealedBytes> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(SealedBytes const& sealed) { return {.kind = kind, .text = base64(sealed.bytes)}; }
    static SealedBytes from(Cell const& cell) { return {unbase64(cell.text).value_or(std::string{})}; }
};
template <class V>
void sealed(V& v, char const* name, std::string& bytes) {
    SealedBytes field{std::move(bytes)};
    v(name, field);
    bytes = std::move(field.bytes);
}

template <>
struct CellOf<std::vector<std::string>> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(std::vector<std::string> const& list) { return {.kind = kind, .text = json::serialize(json::array(list.begin(), list.end()))}; }
    static std::vector<std::string> from(Cell const& cell);
};
template <>
struct CellOf<std::vector<model::Scope>> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(std::vector<model::Scope> const& scopes);
    static std::vector<model::Scope> from(Cell const& cell);
};
template <>
struct CellOf<std::map<std::string, bool>> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(std::map<std::string, bool> const& switches);
    static std::map<std::string, bool> from(Cell const& cell);
};
template <>
struct CellOf<std::map<std::string, double>> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(std::map<std::string, double> const& figures);
    static std::map<std::string, double> from(Cell const& cell);
};
template <>
struct CellOf<model::Target> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(model::Target const& target) { return CellOf<json::object>::to(target.fields); }
    static model::Target from(Cell const& cell);
};
template <>
struct CellOf<std::vector<model::Target>> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(std::vector<model::Target> const& targets);
    static std::vector<model::Target> from(Cell const& cell);
};

template <>
struct CellOf<std::vector<model::TeamMember>> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(std::vector<model::TeamMember> const& members) { return {.kind = kind, .text = json::serialize(model::to_json(members))}; }
    static std::vector<model::TeamMember> from(Cell const& cell);
};

template <class V>
void fields(V& v, model::Tenant& t) {
    v("id", t.id), v("key", t.key), v("display_name", t.display_name), v("plan", t.plan), v("status", t.status), v("test", t.test);
    v("features_json", t.features), v("limits_json", t.limits), sealed(v, "control_secret", t.control_secret);
    v("allowed_prefixes_json", t.allowed_prefixes), v("created_at", t.created_at);
}
template <class V>
void fields(V& v, model::ApiKey& k) {
    v("id", k.id), v("tenant_id", k.tenant), v("name", k.name), v("prefix", k.prefix), v("hash", k.hash), v("scopes_json", k.scopes);
    v("operator_key", k.operator_key), v("created_at", k.created_at), v("expires_at", k.expires_at), v("revoked_at", k.revoked_at);
    v("last_used_at", k.last_used_at);
}
template <class V>
void fields(V& v, model::Number& n) {
    v("id", n.id), v("tenant_id", n.tenant), v("phone_number", n.phone_number), v("label", n.label), v("status", n.status);
    v("activation", n.activation), v("route_status", n.route_status), v("type", n.type), v("trunk", n.trunk), v("created_at", n.created_at);
}
template <class V>
void fields(V& v, model::Route& r) {
    v("id", r.id), v("number_id", r.number), v("tenant_id", r.tenant), v("primary_json", r.primary), v("fallback_json", r.fallback);
    v("events_json", r.events), v("recording_json", r.recording), v("metadata_json", r.metadata), v("status", r.status);
    v("created_at", r.created_at), v("updated_at", r.updated_at);
}
template <class V>
void fields(V& v, model::Trunk& t) {
    v("id", t.id), v("name", t.name), v("test", t.test), v("config_json", t.config), sealed(v, "secret", t.secret);
    v("created_at", t.created_at);
}
template <class V>
void fields(V& v, model::Call& c) {
    v("id", c.id), v("tenant_id", c.tenant), v("number_id", c.number), v("route_id", c.route), v("direction", c.direction);
    v("channel", c.channel), v("caller", c.from), v("callee", c.to), v("status", c.status), v("started_at", c.started_at);
    v("answered_at", c.answered_at), v("ended_at", c.ended_at), v("hangup_cause", c.hangup_cause), v("hangup_by", c.hangup_by);
    v("sip_call_id", c.sip_call_id), v("event_sequence", c.event_sequence), v("metadata_json", c.metadata), v("test", c.test);
}
template <class V>
void fields(V& v, model::TimelineRow& r) {
    v("at", r.at), v("event", r.event), v("detail_json", r.detail);
}
template <class V>
void fields(V& v, model::Action& a) {
    v("id", a.id), v("call_id", a.call), v("tenant_id", a.tenant), v("name", a.name), v("status", a.status), v("message", a.message);
    v("origin", a.origin), v("request_json", a.request), v("stream_id", a.stream), v("created_at", a.created_at);
}
template <class V>
void fields(V& v, model::Event& e) {
    v("id", e.id), v("tenant_id", e.tenant), v("type", e.type), v("call_id", e.call), v("sequence", e.sequence), v("body", e.body);
    v("created_at", e.created_at);
}
template <class V>
void fields(V& v, model::WebhookEndpoint& e) {
    v("id", e.id), v("tenant_id", e.tenant), v("url", e.url), v("events_json", e.events), v("enabled", e.enabled);
    sealed(v, "secret", e.secret), sealed(v, "previous_secret", e.previous_secret), v("previous_until", e.previous_until);
    v("secret_prefix", e.secret_prefix), v("single_signature", e.single_signature), v("created_at", e.created_at);
    v("updated_at", e.updated_at), v("disabled_at", e.disabled_at), v("disabled_reason", e.disabled_reason);
}
template <class V>
void fields(V& v, model::Delivery& d) {
    v("id", d.id), v("event_id", d.event), v("event_type", d.event_type), v("endpoint_id", d.endpoint), v("tenant_id", d.tenant);
    v("call_id", d.call), v("sequence", d.sequence), v("status", d.status), v("attempt_count", d.attempt_count);
    v("schedule_step", d.schedule_step), v("due_at", d.due_at), v("lease_until", d.lease_until), v("last_status", d.last_status);
    v("last_error", d.last_error), v("signature_timestamp", d.signature_timestamp), v("signature", d.signature), v("replay", d.replay);
    v("created_at", d.created_at), v("updated_at", d.updated_at), v("first_attempt_at", d.first_attempt_at);
    v("finished_at", d.finished_at);
}

template <class V>
void fields(V& v, model::VoiceAgent& a) {
    v("id", a.id), v("tenant_id", a.tenant), v("key", a.key), v("name", a.name), v("language", a.language), v("greeting", a.greeting);
    v("instructions", a.instructions), v("fallback_json", a.fallback), v("metadata_json", a.metadata), v("status", a.status);
    v("created_at", a.created_at), v("updated_at", a.updated_at);
}
template <class V>
void fields(V& v, model::NumberRequest& r) {
    v("id", r.id), v("tenant_id", r.tenant), v("use_case", r.use_case), v("preferred_city", r.preferred_city);
    v("fallback_phone_number", r.fallback_phone_number), v("metadata_json", r.metadata), v("status", r.status), v("number_id", r.number);
    v("note", r.note), v("created_at", r.created_at), v("updated_at", r.updated_at);
}
template <class V>
void fields(V& v, model::WhatsAppCalling& w) {
    v("number_id", w.number), v("tenant_id", w.tenant), v("phone_number_id", w.phone_number_id), v("waba_id", w.waba_id);
    v("business_phone_number", w.business_phone_number), v("bow_chat_inbox_id", w.bow_chat_inbox_id);
    v("default_route_json", w.default_route), v("metadata_json", w.metadata), v("status", w.status), v("consent", w.consent);
    v("reason", w.reason), v("checked_at", w.checked_at), v("updated_at", w.updated_at);
}
template <class V>
void fields(V& v, model::Recording& r) {
    v("id", r.id), v("tenant_id", r.tenant), v("call_id", r.call), v("action_id", r.action), v("milliseconds", r.milliseconds);
    v("channels", r.channels), v("bytes", r.bytes), v("file", r.file), v("endpoint_id", r.callback), v("created_at", r.created_at);
    v("finished_at", r.finished_at), v("removed_at", r.removed_at);
}
template <class V>
void fields(V& v, model::Transcript& t) {
    v("id", t.id), v("tenant_id", t.tenant), v("call_id", t.call), v("recording_id", t.recording), v("status", t.status);
    v("language", t.language), v("text", t.text), v("summary", t.summary), v("created_at", t.created_at);
}
template <class V>
void fields(V& v, model::PriceCard& c) {
    v("plan", c.plan), v("version", c.version), v("valid_from", c.valid_from), v("prices_json", c.prices), v("created_at", c.created_at);
}
template <class V>
void fields(V& v, model::CdrLeg& l) {
    v("sequence", l.sequence), v("record", l.record), v("hash", l.hash);
}
template <class V>
void fields(V& v, model::UsageTotal& u) {
    v("event_type", u.type), v("quantity", u.quantity), v("charge", u.charge);
}

template <class V>
void fields(V& v, model::Team& t) {
    v("id", t.id), v("tenant_id", t.tenant), v("name", t.name), v("strategy", t.strategy), v("members_json", t.members);
    v("created_at", t.created_at), v("updated_at", t.updated_at);
}
template <class V>
void fields(V& v, model::AuditEntry& a) {
    v("id", a.id), v("at", a.at), v("who", a.who), v("key_id", a.key), v("source", a.source), v("operation", a.operation);
    v("tenant_id", a.tenant), v("subject", a.subject), v("request_id", a.request_id), v("request_json", a.request);
}

/// "INSERT INTO table (...) VALUES (...)".
template <class T>
std::string insert_into(std::string_view table) {
    auto const names = names_out<T>();
    return "INSERT INTO " + std::string{table} + " (" + join(names, "", ", ") + ") VALUES (" + join(names, ":", ", ") + ")";
}
/// The same, and a row that has the key already gets everything but the key and what never changes: "... DO UPDATE SET a = excluded.a, ...".
template <class T>
std::string upsert_into(std::string_view table, std::string_view key, std::initializer_list<std::string_view> fixed) {
    std::string changes;
    for (auto const& name : names_out<T>())
        if (name != key && std::ranges::find(fixed, name) == fixed.end()) changes += (changes.empty() ? "" : ", ") + name + " = excluded." + name;
    return insert_into<T>(table) + " ON CONFLICT (" + std::string{key} + ") DO UPDATE SET " + changes;
}
template <class T>
std::vector<Cell> cells_for(T noun) {
    CellsOut out;
    fields(out, noun);
    return std::move(out.cells);
}

}  // namespace boni::store
