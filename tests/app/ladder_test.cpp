// SIP messages of a call for the operator: to read, and as a capture file that other programs understand.
#include "admin/pcap.hpp"
#include "support/running_app.hpp"

using namespace boni;
using test::member;

namespace {

Instant const start = from_unix_ms(1'795'414'213'482);

std::uint32_t little(std::string const& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (int byte = 3; byte >= 0; --byte) value = value << 8 | static_cast<unsigned char>(bytes.at(at + std::size_t(byte)));
    return value;
}
std::uint32_t big(std::string_view bytes, std::size_t at) {
    return std::uint32_t(std::uint8_t(bytes.at(at)) << 8 | std::uint8_t(bytes.at(at + 1)));
}

/// 0xFFFF when the checksum inside is right (RFC 1071).
std::uint32_t sum_of(std::string bytes) {
    if (bytes.size() % 2) bytes += '\0';
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2) sum += big(bytes, at);
    while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
    return sum;
}

constexpr auto kept = R"([{"at":"2026-11-23T06:10:13.482Z","direction":"received","transport":"udp","local":"192.0.2.1:5060",)"
                      R"("remote":"192.0.2.7:5060","text":"INVITE sip:a SIP/2.0\r\nVia: x\r\n\r\n"},)"
                      R"({"at":"2026-11-23T06:10:13.500Z","direction":"sent","transport":"udp","local":"192.0.2.1:5060",)"
                      R"("remote":"192.0.2.7:5060","text":"SIP/2.0 180 Ringing\r\n\r\n"}])";

/// A call of "acme" that has ended, with its messages; "other" has none.
Task<Result<>> fill(app::App& app, CallId id) {
    auto const acme = test::tenant_row("acme", start);
    CO_CHECK_OK(co_await app.store().create_tenant(acme));
    CO_CHECK_OK(co_await app.store().create_tenant(test::tenant_row("other", start)));
    auto call = test::call_row(acme, start);
    call.id = id;
    CO_CHECK_OK(co_await app.store().commit(test::step(call, model::CallStatus::failed, "call.failed", start + 1s)));
    co_return co_await app.store().save_ladder(id, kept);
}

Task<> save_later(store::Store& store, CallId id) {
    co_await wait_for(1s);
    (void)co_await store.save_ladder(id, kept);
}

/// A call of "acme" that has ended this moment; its messages come a second later.
Task<Result<>> fill_in_time(app::App& app, CallId id) {
    auto const now = system_clock().now();
    auto const acme = test::tenant_row("acme", now);
    CO_CHECK_OK(co_await app.store().create_tenant(acme));
    auto call = test::call_row(acme, now);
    call.id = id;
    CO_CHECK_OK(co_await app.store().commit(test::step(call, model::CallStatus::failed, "call.failed", now)));
    spawn(co_await asio::this_coro::executor, "test", save_later(app.store(), id));
    co_return Result<>{};
}

}  // namespace

TEST_CASE("a capture file has IPv4 and IPv6 packets whose lengths and checksums are right") {
    auto const address = [](char const* text) { return *Address::parse_host_port(text); };
    std::string const long_text(70'000, 'x');
    admin::Datagram const datagrams[] = {{start, address("192.0.2.7:5060"), address("192.0.2.1:5061"), "INVITE sip:a SIP/2.0\r\n\r\n"},
                                         {start + 1ms, address("[2001:db8::1]:5060"), address("[2001:db8::2]:5060"), "odd"},
                                         {start, address("192.0.2.7:5060"), address("[2001:db8::2]:5060"), "two families"},
                                         {start, address("192.0.2.7:5060"), address("192.0.2.1:5061"), long_text}};
    auto const file = admin::pcap(datagrams);
    CHECK(little(file, 0) == 0xA1B2C3D4);
    CHECK(little(file, 20) == 101);
    CHECK(little(file, 24) == 1'795'414'213);
    CHECK(little(file, 28) == 482'000);
    auto const size = little(file, 32);
    REQUIRE(size == 20 + 8 + 24);
    auto const packet = file.substr(40, size);
    CHECK(big(packet, 2) == size);
    CHECK(sum_of(packet.substr(0, 20)) == 0xFFFF);
    CHECK(big(packet, 20) == 5060);
    CHECK(big(packet, 22) == 5061);
    CHECK(sum_of(packet.substr(12, 8) + std::string{"\0\x11\0\x20", 4} + packet.substr(20)) == 0xFFFF);
    CHECK(packet.ends_with("INVITE sip:a SIP/2.0\r\n\r\n"));
    auto const second = file.substr(40 + size);
    REQUIRE(little(second, 8) == 40 + 8 + 3);
    auto const six = second.substr(16, 51);
    CHECK(six.at(0) == '\x60');
    CHECK(sum_of(six.substr(8, 32) + std::string{"\0\0\0\x0b\0\0\0\x11", 8} + six.substr(40)) == 0xFFFF);
    CHECK(little(second.substr(16 + 51), 8) == 65'535);   // the third was skipped, the fourth cut
}

TEST_CASE("the operator reads a call's messages, redacted as they are kept, and nobody else's") {
    test::TempFolder folder;
    auto const id = CallId::fresh(start);
    app::Duties duties;
    duties.prepare = [&](app::App& app) { return fill(app, id); };
    test::RunningApp app{test::loopback_config(folder.path), std::move(duties)};
    auto const path = "/calls/" + id.str();
    auto const rows = app.admin("GET", "/v1/tenants/acme" + path + "/ladder");
    REQUIRE(rows.status == 200);
    CHECK(member(rows, {"data", "0", "summary"}) == "INVITE sip:a SIP/2.0");
    CHECK(member(rows, {"data", "1", "ms"}) == "18");
    auto const capture = app.admin("GET", "/v1/tenants/acme" + path + "/pcap");
    CHECK(capture.at("content-type") == "application/vnd.tcpdump.pcap");
    REQUIRE(capture.body.size() > 24);
    CHECK(little(capture.body, 24) == 1'795'414'213);
    auto const second = 40 + little(capture.body, 32);
    CHECK(capture.body.substr(second + 16 + 12, 4) == std::string{"\xC0\x00\x02\x01", 4});   // sent: from us
    CHECK(app.admin("GET", "/v1/tenants/other" + path + "/ladder").status == 404);
    CHECK(app.admin("GET", "/v1/tenants/acme/calls/call_x/pcap").status == 404);
}

TEST_CASE("whoever asks for the messages of a call that has only just ended waits for them") {
    test::TempFolder folder;
    auto const id = CallId::fresh(start);
    app::Duties duties;
    duties.prepare = [&](app::App& app) { return fill_in_time(app, id); };
    test::RunningApp app{test::loopback_config(folder.path), std::move(duties)};
    auto const rows = app.admin("GET", "/v1/tenants/acme/calls/" + id.str() + "/ladder");
    REQUIRE(rows.status == 200);
    CHECK(member(rows, {"data", "0", "summary"}) == "INVITE sip:a SIP/2.0");
}
