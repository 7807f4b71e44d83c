// The SIP messages of one call, redacted as they were kept: to read, or as a capture file.
#include "admin/operation.hpp"
#include "admin/pcap.hpp"
#include "base/address.hpp"

namespace boni::admin {
namespace {

constexpr auto look_again_after = 50ms;
constexpr auto on_its_way_for = 2s;                      // after the end: SIP waits T1 for the ACK that belongs to it, then it is written

struct Message {
    Instant at{};
    json::object row;
};

/// Whoever asks for the messages of a call that has only just ended waits for the last of them.
Task<Result<std::string>> kept_of(Asked& asked, model::Call call) {
    auto const& services = asked.services;
    auto const ended_since = call.ended_at ? services.clock.now() - *call.ended_at : on_its_way_for;
    auto const until = std::chrono::steady_clock::now() + on_its_way_for - std::max<Instant::duration>(ended_since, 0s);
    for (;;) {
        auto kept = co_await services.store.ladder(call.id);
        if (kept || kept.error().code != Errc::not_found || std::chrono::steady_clock::now() >= until) co_return kept;
        co_await wait_for(look_again_after);
    }
}

Task<Result<std::vector<Message>>> messages_of(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto const call, co_await asked.services.store.call(tenant.id, CallId::from(asked.param("call_id"))));
    CO_TRY(auto const kept, co_await kept_of(asked, call));
    CO_TRY(auto const rows, json::parse(kept));
    std::vector<Message> out;
    if (auto const* const all = rows.if_array())
        for (auto const& row : *all)
            if (row.is_object()) out.push_back({from_rfc3339(json::text_or_empty(row.get_object(), "at")).value_or(Instant{}), row.get_object()});
    co_return out;
}

/// "INVITE sip:+918040000001@boni SIP/2.0", "SIP/2.0 180 Ringing".
std::string first_line(std::string_view text) { return std::string{text.substr(0, text.find_first_of("\r\n"))}; }

Task<Result<Answer>> ladder(Asked& asked) {
    CO_TRY(auto messages, co_await messages_of(asked));
    json::array rows;
    for (auto& [at, row] : messages) {
        row["ms"] = unix_ms(at) - unix_ms(messages.front().at);
        row["summary"] = first_line(json::text_or_empty(row, "text"));
        rows.push_back(std::move(row));
    }
    co_return list(std::move(rows));
}

Task<Result<Answer>> capture(Asked& asked) {
    CO_TRY(auto messages, co_await messages_of(asked));
    std::vector<Datagram> datagrams;
    for (auto& [at, row] : messages) {
        auto const local = Address::parse_host_port(json::text_or_empty(row, "local"));
        auto const remote = Address::parse_host_port(json::text_or_empty(row, "remote"));
        if (!local || !remote) continue;                 // the line that says how many were dropped
        auto const sent = json::text_or_empty(row, "direction") == "sent";
        datagrams.push_back({at, sent ? *local : *remote, sent ? *remote : *local, json::text_or_empty(row, "text")});
    }
    http::Response response{.headers = {{"Content-Type", "application/vnd.tcpdump.pcap"}}, .body = pcap(datagrams)};
    response.headers.set("Content-Disposition", "attachment; filename=\"" + asked.param("call_id") + ".pcap\"");
    co_return Answer{.whole = std::move(response)};
}

}  // namespace

std::span<Operation const> ladder_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/tenants/{tenant}/calls/{call_id}/ladder", ladder},
        {"GET", "/v1/tenants/{tenant}/calls/{call_id}/pcap", capture},
    };
    return operations;
}

}  // namespace boni::admin
