// Drives a sip::Session by hand and writes down what it does in one line per step, so that a test reads like a ladder.
//
//   CHECK(call.on(call.invite("offer")) == "100 | incoming offer");
//   CHECK(call.on(command::Answer{"answer"}) == "200 answer");
//
// Left of the bar: what goes to the wire, comma-separated; right of it: what the call is told. An empty side is left out.
#pragma once

#include <map>
#include <string>
#include <type_traits>

#include <fmt/format.h>

#include "sip/session.hpp"
#include "sip/session_timer.hpp"

namespace boni::test {

using namespace boni::sip;

inline std::string written(Action const& action) {
    return std::visit([](auto const& one) -> std::string {
        using T = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<T, Respond>)
            return fmt::format("{}{}{}{}", one.status, one.headers.rseq ? " reliable" : "", one.body.empty() ? "" : " ", one.body.text);
        else if constexpr (std::is_same_v<T, Send>)
            return fmt::format("{}{}{}{}{}", method_name(one.method), one.dialog.empty() ? "" : "@", one.dialog, one.body.empty() ? "" : " ",
                               one.body.text);
        else if constexpr (std::is_same_v<T, Retransmit>) return "again";
        else if constexpr (std::is_same_v<T, NextAddress>) return "next address";
        else return fmt::format("guard {}", one.guard);
    }, action);
}

inline std::string written(Signal const& signal) {
    auto const text = [](std::string word, std::string const& sdp) { return sdp.empty() ? word : word + ' ' + sdp; };
    return std::visit([&](auto const& one) -> std::string {
        using T = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<T, signal::Incoming>) return text("incoming", one.sdp);
        else if constexpr (std::is_same_v<T, signal::Provisional>) return text(fmt::format("{}@{}", one.status, one.dialog), one.sdp);
        else if constexpr (std::is_same_v<T, signal::Answered>) return text("answered@" + one.dialog, one.sdp);
        else if constexpr (std::is_same_v<T, signal::Accepted>) return "accepted";
        else if constexpr (std::is_same_v<T, signal::Confirmed>) return "confirmed";
        else if constexpr (std::is_same_v<T, signal::Offer>) return text("offer", one.sdp);
        else if constexpr (std::is_same_v<T, signal::OfferTakenBack>) return "offer taken back";
        else if constexpr (std::is_same_v<T, signal::OfferWanted>) return "offer wanted";
        else if constexpr (std::is_same_v<T, signal::Answer>) return text("answer", one.sdp);
        else if constexpr (std::is_same_v<T, signal::OfferFailed>) return fmt::format("offer failed {}", one.status);
        else if constexpr (std::is_same_v<T, signal::Digit>) return fmt::format("digit {} {}", one.digit, one.length.count());
        else return fmt::format("ended {}", name(one.ending.cause));
    }, signal);
}

class SessionDriver {
  public:
    explicit SessionDriver(Role role, SessionOptions options = {}) : session{role, with_random(std::move(options))} {}

    std::string on(Input const& input) {
        last = session.on(input, now);
        std::string wire, told;
        for (auto const& action : last.send) {
            if (auto const* send = std::get_if<Send>(&action)) latest[send->method] = *send;
            if (auto const* respond = std::get_if<Respond>(&action)) rseq = respond->headers.rseq.value_or(rseq);
            wire += (wire.empty() ? "" : ", ") + written(action);
        }
        for (auto const& signal : last.tell) {
            if (std::holds_alternative<signal::Accepted>(signal)) {
                ++accepted;
                continue;
            }
            if (auto const* end = std::get_if<signal::Ended>(&signal)) {
                ending = end->ending;
                ++endings;
            }
            told += (told.empty() ? "" : ", ") + written(signal);
        }
        return told.empty() ? wire : wire.empty() ? "| " + told : wire + " | " + told;
    }

    /// Lets time pass to the next timer and fires it; tells how long that was in `waited`.
    std::string tick() {
        auto const at = session.wake();
        if (!at) return "no timer";
        waited = std::chrono::duration_cast<std::chrono::milliseconds>(*at - now);
        now = std::max(now, *at);
        return on(Tick{});
    }
    /// Fires every timer of the next `span`, one line for all.
    std::string pass(std::chrono::milliseconds span) {
        auto const end = now + span;
        std::string all;
        while (session.wake() && *session.wake() <= end) {
            auto const line = tick();
            if (!line.empty()) all += (all.empty() ? "" : "; ") + line;
        }
        now = end;
        return all;
    }

    // --- the peer's requests; each call is a new transaction with the next CSeq
    Request request(Method method, std::string body = {}, std::string type = "application/sdp") {
        if (method != Method::ack && method != Method::cancel) ++peer_cseq;
        Request out{.transaction = ++peer_transaction, .method = method, .cseq = peer_cseq, .remote_tag = "peer"};
        if (method == Method::invite) invite_cseq = out.cseq, invite_transaction = out.transaction;
        if (method == Method::ack) out.cseq = invite_cseq;
        if (method == Method::cancel) out.transaction = invite_transaction;
        if (!body.empty()) out.body = {std::move(type), std::move(body)};
        return out;
    }
    Request invite(std::string sdp = {}) { return request(Method::invite, std::move(sdp)); }
    Request ack(std::string sdp = {}) { return request(Method::ack, std::move(sdp)); }
    Request bye() { return request(Method::bye); }
    Request prack(std::string sdp = {}) {
        auto out = request(Method::prack, std::move(sdp));
        out.headers.rack = RAck{rseq, invite_cseq, Method::invite};
        return out;
    }
    // --- the peer's responses to our latest request of a method
    Response response(Method method, int status, std::string sdp = {}, std::string tag = "peer") const {
        auto const found = latest.find(method);
        auto const transaction = found == latest.end() ? Transaction{0} : found->second.transaction;
        return {.transaction = transaction, .status = status, .cseq = transaction, .remote_tag = std::move(tag), .body = sdp_body(std::move(sdp))};
    }
    /// The headers of the latest response we sent.
    Headers responded() const {
        for (auto action = last.send.rbegin(); action != last.send.rend(); ++action)
            if (auto const* respond = std::get_if<Respond>(&*action)) return respond->headers;
        return {};
    }

    Session session;
    Steady now{std::chrono::hours{1}};
    Actions last;
    std::map<Method, Send> latest;
    std::chrono::milliseconds waited{0};
    Ending ending;
    int endings = 0;
    int accepted = 0;                ///< times it was told that the 200 is on its way
    std::uint32_t rseq = 0;   // of the latest reliable provisional we sent
    std::uint32_t peer_cseq = 0, invite_cseq = 0;
    Transaction peer_transaction = 0, invite_transaction = 0;

  private:
    static SessionOptions with_random(SessionOptions options) {
        if (!options.random) options.random = [](std::uint32_t bound) { return bound / 2; };
        return options;
    }
};

/// A UAS session in state confirmed.
inline SessionDriver confirmed_uas(SessionOptions options = {.session_expires = 0}) {
    SessionDriver call{Role::uas, std::move(options)};
    call.on(call.invite("offer"));
    call.on(command::Answer{"answer"});
    call.on(call.ack());
    return call;
}

/// A UAC session in state confirmed, its dialog's tag is "peer".
inline SessionDriver confirmed_uac(SessionOptions options = {.session_expires = 0}) {
    SessionDriver call{Role::uac, std::move(options)};
    call.on(command::Start{"offer"});
    call.on(call.response(Method::invite, 200, "answer"));
    return call;
}

}  // namespace boni::test
