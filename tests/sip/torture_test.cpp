// The 49 messages of RFC 4475 on a socket, from the address of a trunk: each ends as torture/README.md says, and after each of them an
// ordinary call goes through.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

std::filesystem::path const folder = "tests/sip/torture";

std::string content(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

struct Row {
    std::string name, outcome;   ///< "call", a status, or "silence"
};

/// The rows "| name | section | outcome | why |" of the README.
std::vector<Row> expectations() {
    std::vector<Row> rows;
    std::ifstream in{folder / "README.md"};
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("| `")) continue;
        std::vector<std::string> cells;
        for (std::size_t at = 1, bar = 0; (bar = line.find('|', at)) != std::string::npos; at = bar + 1)
            cells.emplace_back(trim(std::string_view{line}.substr(at, bar - at)));
        REQUIRE(cells.size() == 4);
        rows.push_back({cells[0].substr(1, cells[0].size() - 2), cells[2]});
    }
    return rows;
}

/// Replies go to where the packet came from, whatever the example hosts of the RFC resolve to.
Trunk torturer() {
    auto trunk = loopback_trunk();
    trunk.nat = Nat::on;
    return trunk;
}

/// Everything sent before it has been handled when its answer is here; that answer is taken out.
void settle(Loop& loop, SipPeer& peer, Phone& phone, std::string const& branch) {
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .method = "OPTIONS", .call_id = "settle", .branch = "z9hG4bK" + branch}));
    auto const answer = [&] { return std::ranges::find(peer.received, "settle", [](auto const& one) { return field(one, "Call-ID"); }); };
    REQUIRE(loop.until([&] { return answer() != peer.received.end(); }));
    peer.received.erase(answer());
}

/// What became of the message: "call" when it got as far as the called side, which then refused it.
std::string outcome(Loop& loop, SipPeer& peer, Phone& phone, std::string const& name) {
    phone.incoming.clear();
    peer.received.clear();
    peer.send(phone.endpoint.udp(), content(folder / (name + ".sip")));
    settle(loop, peer, phone, name);
    std::string statuses;
    for (auto const& answer : peer.received) statuses += (statuses.empty() ? "" : " ") + answer.substr(8, 3);
    if (statuses.empty()) return "silence";
    if (statuses != "100") return statuses;
    if (!phone.called()) return "100";
    phone.endpoint.reject(phone.incoming.front().id, 486, Cause::busy);
    peer.expect("486");
    return "call";
}

/// Of whatever rings at `called` only the call of `caller` is answered.
void ordinary_call(Loop& loop, Phone& caller, Phone& called) {
    called.incoming.clear();
    auto const id = caller.call(called, "offer");
    auto const ours = [&] { return std::ranges::find(called.incoming, "911140001234", [](auto const& one) { return one.called.raw; }); };
    REQUIRE(loop.until([&] { return ours() != called.incoming.end(); }));
    auto const rings = ours()->id;
    called.endpoint.answer(rings, "answer");
    REQUIRE(caller.heard(id, "answered answer"));
    caller.endpoint.hangup(id, Cause::normal);
    REQUIRE(called.ended(rings));
}

}  // namespace

TEST_CASE("each torture message ends as its table says, and an ordinary call works after it") {
    auto const rows = expectations();
    CHECK(rows.size() == 49);
    for (auto const& row : rows) {
        CAPTURE(row.name);
        REQUIRE(std::filesystem::exists(folder / (row.name + ".sip")));
        Loop loop;
        Phone phone{loop, {}, {torturer()}}, caller{loop};   // its own: some messages share a branch and would be repetitions
        SipPeer peer{loop};
        CHECK(outcome(loop, peer, phone, row.name) == row.outcome);
        ordinary_call(loop, caller, phone);
    }
}

TEST_CASE("the same messages on TCP connections hurt nobody") {
    Loop loop;
    Phone phone{loop, {.times = {.t1 = 20ms, .t2 = 80ms}}, {torturer()}}, caller{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    std::vector<asio::ip::tcp::socket> open;
    for (auto const& row : expectations()) {
        auto& socket = open.emplace_back(loop.io);
        socket.connect({asio::ip::make_address(to.ip_text()), to.port});
        asio::write(socket, asio::buffer(content(folder / (row.name + ".sip"))));
    }
    ordinary_call(loop, caller, phone);
    open.clear();
    settle(loop, peer, phone, "end");
    ordinary_call(loop, caller, phone);
}
