// Endpoints on loopback that call each other in one process, and the control loop their callbacks run on.
//
//   Loop loop;
//   Phone alice{loop}, bob{loop};
//   auto const id = alice.call(bob, "offer");
//   loop.until([&] { return !bob.incoming.empty(); });
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "session_driver.hpp"
#include "sip/endpoint.hpp"

namespace boni::test {

/// The control executor, turned by the test.
class Loop {
  public:
    /// Runs handlers until `done`; false after the deadline.
    bool until(std::function<bool()> const& done, std::chrono::steady_clock::duration limit = 10s) {
        auto const deadline = std::chrono::steady_clock::now() + limit;
        while (!done()) {
            if (std::chrono::steady_clock::now() >= deadline) return false;
            io.run_one_until(deadline);
        }
        return true;
    }
    asio::io_context io{1};

  private:
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io.get_executor()};
};

inline Trunk loopback_trunk(std::string name = "loop") {
    Trunk trunk;
    trunk.name = std::move(name);
    trunk.addresses = {*Cidr::parse("127.0.0.0/8")};
    trunk.health_every = 0s;
    return trunk;
}

/// An endpoint that writes down what happens to each of its sessions, one word per signal as in session_driver.hpp.
class Phone {
  public:
    explicit Phone(Loop& loop, EndpointConfig config = {}, std::vector<Trunk> trunks = {loopback_trunk()}, Clock& clock = system_clock())
        : loop_{loop}, endpoint{at_loopback(std::move(config)), clock, loop.io.get_executor()} {
        endpoint.on_incoming([this](Incoming call) {
            auto const id = call.id;
            listen(id);
            incoming.push_back(std::move(call));
            if (when_called) when_called(id);
        });
        endpoint.on_ladder([this](SessionId id, std::vector<LadderMessage> messages) { ladders[id] = std::move(messages); });
        endpoint.set_trunks(std::move(trunks));
        auto const started = endpoint.start();
        REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().what));
    }

    std::string uri(std::string const& user = "bob", std::string const& params = "") const {
        return "sip:" + user + '@' + endpoint.udp().text() + params;
    }
    SessionId call(Phone const& other, std::string offer, std::string const& params = "") {
        Dial dial{.request_uri = other.uri("911140001234", params), .from_user = "+919876543210"};
        if (!offer.empty()) dial.offer = std::move(offer);
        return this->dial(std::move(dial));
    }
    SessionId dial(Dial dial) {
        auto const id = endpoint.dial(std::move(dial));
        listen(id);
        return id;
    }
    void listen(SessionId id) {
        endpoint.listen(id, [this, id](Signal signal) {
            if (auto const* end = std::get_if<signal::Ended>(&signal)) endings[id] = end->ending;
            auto text = written(signal);
            if (auto const at = text.find('@'); at != std::string::npos) text.erase(at, text.find(' ', at) - at);   // tags are random
            told[id].push_back(std::move(text));
        });
    }
    bool heard(SessionId id, std::string const& word) {
        return loop_.until([&] { return std::ranges::find(told[id], word) != told[id].end(); });
    }
    bool called(std::size_t times = 1) {
        return loop_.until([&] { return incoming.size() >= times; });
    }
    bool ended(SessionId id) {
        return loop_.until([&] { return endings.contains(id); });
    }
    /// The first lines of a session's messages, ">" for sent: "> INVITE", "< 100", ...
    std::string ladder(SessionId id) {
        loop_.until([&] { return ladders.contains(id); });
        std::string out;
        for (auto const& message : ladders[id]) {
            auto const answer = message.text.starts_with("SIP/2.0 ");
            auto const word = answer ? message.text.substr(8, 3) : message.text.substr(0, message.text.find(' '));
            out += (out.empty() ? "" : ", ") + std::string{message.sent ? "> " : "< "} + word;
        }
        return out;
    }

  private:
    static EndpointConfig at_loopback(EndpointConfig config) {
        config.listen = *Address::parse("127.0.0.1", config.listen.port);
        if (config.patience == EndpointConfig{}.patience) config.patience = 1h;   // tests answer when they like
        return config;
    }
    Loop& loop_;

  public:
    Endpoint endpoint;
    std::vector<Incoming> incoming;
    std::function<void(SessionId)> when_called;
    std::map<SessionId, std::vector<std::string>> told;
    std::map<SessionId, Ending> endings;
    std::map<SessionId, std::vector<LadderMessage>> ladders;
};

}  // namespace boni::test
