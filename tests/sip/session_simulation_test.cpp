// Two sessions call each other over a network that loses, repeats, delays and reorders, on seeded schedules (sip.md 11.4).
// The transport between them is a small honest one: client transactions repeat until answered, server transactions absorb
// repetitions, CSeq is the dialog's.
#include <deque>
#include <map>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "support/session_driver.hpp"

using namespace boni;
using namespace boni::test;

namespace {

constexpr int seeds = 1000;
constexpr int steps_max = 20'000;

struct Packet {
    bool request;
    Transaction transaction;   // the sender's number for a request, the requester's for a response
    Request ask;
    Response answer;
    int to;
    Steady at;
};

struct Client {   // one of our requests without a final response
    Packet packet;
    Steady repeat_at, give_up_at;
    std::chrono::milliseconds interval{500};
    bool provisional = false;
    bool cancelled = false;
};

struct Server {   // a request of the peer, and the last thing we answered
    Method method{};
    std::uint32_t cseq = 0;
    std::optional<Packet> last;
    int final_status = 0;
    int prack_status = 0;
};

struct End {
    Session session;
    std::map<Transaction, Client> clients;
    std::map<Transaction, Server> servers;
    std::map<Transaction, std::uint32_t> cseqs;
    std::uint32_t cseq = 0;
    int endings = 0;
    bool confirmed = false;
};

class Simulation {
  public:
    explicit Simulation(std::uint32_t seed)
        : random_{seed}, ends_{End{Session{Role::uac, options()}}, End{Session{Role::uas, options()}}} {}

    /// Whether the call was ever confirmed at both ends.
    bool run() {
        loss_ = int(random_() % 40);
        last_command_ = now_ + std::chrono::seconds{5 + random_() % 240};
        on(0, command::Start{chance(15) ? "" : "offer"});
        int steps = 0;
        while (steps < steps_max && advance()) ++steps;
        CHECK(steps < steps_max);
        for (auto const& end : ends_) {
            auto const began = &end == &ends_[0] || !end.servers.empty();
            CHECK(end.endings == (began ? 1 : 0));
            CHECK((end.session.done() || !began));
            if (began) CHECK_FALSE(end.session.wake());
        }
        return ends_[0].confirmed && ends_[1].confirmed;
    }

  private:
    SessionOptions options() {
        return {.session_expires = 90, .random = [this](std::uint32_t bound) { return std::uint32_t(random_() % bound); }};
    }
    bool chance(int percent) { return int(random_() % 100) < percent; }

    /// What a call might want at any moment; the session ignores what does not fit.
    void command(int side) {
        switch (random_() % 8) {
            case 0: return on(side, command::Ring{});
            case 1: return on(side, command::EarlyMedia{"early"});
            case 2: case 3: return on(side, command::Answer{"answer"});
            case 4: return on(side, command::SendOffer{"reoffer"});
            case 5: return on(side, command::RefuseOffer{});
            case 6: return chance(10) ? on(side, command::Reject{486, Cause::busy, {}, {}}) : void();
            default: return chance(5) ? on(side, command::Hangup{}) : void();
        }
    }

    /// To the next thing that happens; false when nothing is left.
    bool advance() {
        std::optional<Steady> next;
        auto const consider = [&](Steady at) { next = next ? std::min(*next, at) : at; };
        if (!hung_up_) consider(next_command_);
        for (auto const& packet : network_) consider(packet.at);
        for (auto const& end : ends_) {
            if (auto const wake = end.session.wake()) consider(*wake);
            for (auto const& [id, client] : end.clients) consider(std::min(client.repeat_at, client.give_up_at));
        }
        if (!next) return false;
        now_ = std::max(now_, *next);
        if (!hung_up_ && next_command_ <= now_) {
            next_command_ = now_ + std::chrono::milliseconds{random_() % 4000};
            hung_up_ = now_ > last_command_;
            if (hung_up_) for (int side = 0; side < 2; ++side) on(side, command::Hangup{});
            else command(int(random_() % 2));
        }
        for (int side = 0; side < 2; ++side) {
            if (auto const wake = ends_[side].session.wake(); wake && *wake <= now_) on(side, Tick{});
            client_timers(side);
        }
        for (std::size_t i = 0; i < network_.size();) {
            if (network_[i].at > now_) { ++i; continue; }
            auto const packet = network_[i];
            network_.erase(network_.begin() + long(i));
            packet.request ? receive_request(packet) : receive_response(packet);
            i = 0;
        }
        return true;
    }

    void client_timers(int side) {
        std::vector<Transaction> lost;
        for (auto& [id, client] : ends_[side].clients) {
            if (client.give_up_at <= now_) lost.push_back(id);
            else if (client.repeat_at <= now_) {
                client.interval = std::min(2 * client.interval, std::chrono::milliseconds{4000});
                client.repeat_at = client.provisional && client.packet.ask.method == Method::invite ? Steady::max() : now_ + client.interval;
                transmit(client.packet);
            }
        }
        for (auto const id : lost) {
            ends_[side].clients.erase(id);
            on(side, Failed{id, "timeout"});
        }
    }

    void transmit(Packet packet) {
        for (int copies = chance(5) ? 2 : 1; copies > 0; --copies) {
            if (chance(loss_)) continue;
            packet.at = now_ + std::chrono::milliseconds{1 + random_() % (chance(10) ? 1500 : 50)};
            network_.push_back(packet);
        }
    }

    void receive_request(Packet const& packet) {
        auto& end = ends_[packet.to];
        auto const& ask = packet.ask;
        if (ask.method == Method::ack) return on(packet.to, ask);
        if (ask.method == Method::cancel) {
            on(packet.to, ask);
            return;
        }
        auto const known = end.servers.find(ask.transaction);
        if (known != end.servers.end()) {
            if (known->second.last) transmit(*known->second.last);
            return;
        }
        end.servers[ask.transaction] = {ask.method, ask.cseq, {}, 0, 0};
        if (end.session.done()) return answer(packet.to, Respond{ask.transaction, 481, {}, {}});
        on(packet.to, ask);
    }

    void receive_response(Packet const& packet) {
        auto& end = ends_[packet.to];
        auto const client = end.clients.find(packet.transaction);
        auto const ok_to_invite = packet.answer.status / 100 == 2 && packet.ask.method == Method::invite;
        if (client == end.clients.end()) {
            if (ok_to_invite && !end.session.done()) on(packet.to, packet.answer);   // a repeated 2xx reaches the core
            return;
        }
        if (packet.answer.status >= 200) end.clients.erase(client);
        else {
            client->second.provisional = true;
            client->second.give_up_at = Steady::max();
            if (packet.ask.method == Method::invite) client->second.repeat_at = Steady::max();
        }
        on(packet.to, packet.answer);
    }

    void answer(int side, Respond const& respond) {
        auto& server = ends_[side].servers.at(respond.transaction);
        if (respond.status >= 200) {
            CHECK_MESSAGE(server.final_status == 0, "two final replies to one transaction");
            server.final_status = respond.status;
        }
        Packet packet{.request = false, .transaction = respond.transaction, .ask = {}, .answer = {}, .to = 1 - side, .at = {}};
        packet.ask.method = server.method;
        packet.answer = {respond.transaction, respond.status, server.cseq, side == 1 ? "uas" : "uac", respond.headers, respond.body};
        server.last = packet;
        transmit(packet);
    }

    void send(int side, Send const& send) {
        auto& end = ends_[side];
        Packet packet{.request = true, .transaction = send.transaction, .ask = {}, .answer = {}, .to = 1 - side, .at = {}};
        packet.ask = {send.transaction, send.method, 0, side == 1 ? "uas" : "uac", send.headers, send.body, 70, false};
        if (send.method == Method::ack) {
            packet.ask.cseq = send.cseq;
            return transmit(packet);
        }
        if (send.method == Method::cancel) {
            auto const invite = end.clients.find(send.transaction);
            CHECK((invite == end.clients.end() || invite->second.provisional));
            packet.ask.cseq = end.cseqs[send.transaction];
            for (int i = 0; i < 7; ++i) transmit(packet);   // its own transaction repeats it
            if (invite != end.clients.end()) invite->second.give_up_at = now_ + 32s;
            return;
        }
        packet.ask.cseq = end.cseqs[send.transaction] = ++end.cseq;
        if (send.method == Method::bye) CHECK_MESSAGE(byes_[side]++ == 0, "a second BYE");
        end.clients[send.transaction] = Client{packet, now_ + 500ms, now_ + 32s};
        transmit(packet);
    }

    void on(int side, Input const& input) {
        auto& end = ends_[side];
        auto const was_ended = end.endings;
        auto const actions = end.session.on(input, now_);
        end.confirmed |= end.session.state() == "confirmed";
        for (auto const& action : actions.send) {
            if (auto const* respond = std::get_if<Respond>(&action)) answer(side, *respond);
            if (auto const* request = std::get_if<Send>(&action)) send(side, *request);
            if (auto const* again = std::get_if<Retransmit>(&action))
                if (auto const& last = end.servers.at(again->transaction).last) transmit(*last);
        }
        for (auto const& signal : actions.tell) {
            CHECK_MESSAGE(was_ended == 0, "a signal after Ended");
            if (std::holds_alternative<signal::Ended>(signal)) ++end.endings;
            if (chance(90) && std::holds_alternative<signal::Offer>(signal)) on(side, command::AnswerOffer{"re-answer"});
            if (chance(90) && std::holds_alternative<signal::OfferWanted>(signal)) on(side, command::AnswerOffer{"re-offer"});
        }
    }

    std::minstd_rand random_;
    Steady now_{std::chrono::hours{1}};
    Steady next_command_ = now_, last_command_ = now_;
    std::array<End, 2> ends_;
    std::vector<Packet> network_;
    std::array<int, 2> byes_{};
    int loss_ = 0;
    bool hung_up_ = false;
};

}  // namespace

TEST_CASE("on any network every session ends, once, and leaves nothing open") {
    int confirmed = 0;
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        confirmed += Simulation{seed}.run() ? 1 : 0;
    }
    CHECK(confirmed > seeds / 2);   // else the schedules would say nothing about running calls
}

TEST_CASE("whatever a hostile peer sends, a session ends and never answers a request twice") {
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        std::minstd_rand random{seed};
        auto const role = random() % 2 ? Role::uas : Role::uac;
        SessionDriver call{
            role, {.session_expires = 90, .redirects_max = 2, .random = [&](std::uint32_t bound) { return std::uint32_t(random() % bound); }}};
        std::map<Transaction, int> finals;
        auto const run = [&](Input const& input) {
            call.on(input);
            for (auto const& action : call.last.send)
                if (auto const* respond = std::get_if<Respond>(&action); respond && respond->status >= 200)
                    CHECK(++finals[respond->transaction] == 1);
        };
        run(role == Role::uas ? Input{call.invite("offer")} : Input{command::Start{"offer"}});
        for (int step = 0; step < 200; ++step) {
            auto const sdp = random() % 2 ? "sdp" : "";
            auto const tag = random() % 4 ? "peer" : "t" + std::to_string(random() % 3);
            auto const method = Method(random() % 11);
            switch (random() % 8) {
                case 0: case 1: {
                    auto request = call.request(method, sdp);
                    request.remote_tag = tag;
                    if (random() % 4 == 0) request.cseq = std::uint32_t(random());
                    if (random() % 2) request.headers.rack = RAck{call.rseq, call.invite_cseq, Method::invite};
                    if (random() % 3 == 0) request.headers.session_expires = SessionExpires{std::uint32_t(random() % 200)};
                    if (random() % 3 == 0) request.headers.require = {random() % 2 ? "100rel" : "x"};
                    run(request);
                    break;
                }
                case 2: case 3: {
                    auto response = call.response(method, int(100 + random() % 600), sdp, tag);
                    if (random() % 2) response.status = 200;
                    if (random() % 2) response.headers.rseq = std::uint32_t(random() % 4);
                    if (random() % 2) response.headers.require = {"100rel"};
                    if (random() % 4 == 0) response.headers.min_se = std::uint32_t(random() % 4000);
                    response.headers.contact = random() % 2 ? "sip:x" : "";
                    run(response);
                    break;
                }
                case 4: run(Failed{Transaction(random() % 8), "x"}); break;
                case 5:
                    if (auto const at = call.session.wake()) call.now = std::max(call.now, *at);
                    run(Tick{});
                    break;
                case 6: run(random() % 2 ? Input{command::AnswerOffer{"sdp"}} : Input{command::SendOffer{"sdp"}}); break;
                default: run(random() % 2 ? Input{command::Answer{sdp}} : Input{command::EarlyMedia{sdp}}); break;
            }
        }
        run(command::Hangup{});
        for (int i = 0; i < 500 && call.session.wake(); ++i) {
            call.now = *call.session.wake();
            run(Tick{});
        }
        CHECK(call.endings == 1);
        CHECK(call.session.done());
    }
}
