// The INVITE session driven by bytes: any order of requests, responses, commands and time. It ends once, says nothing afterwards, never
// answers a request twice, and when nobody answers any more it is done.
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

#include "sip/session.hpp"

using namespace boni;
using namespace boni::sip;

namespace {

constexpr int last_steps_max = 1000;

/// The fuzzer's bytes; zero when there are no more.
struct Bytes {
    std::string_view rest;
    std::uint8_t next() {
        if (rest.empty()) return 0;
        auto const byte = std::uint8_t(rest.front());
        rest.remove_prefix(1);
        return byte;
    }
    std::string text() {
        auto const taken = rest.substr(0, next() % 32);
        rest.remove_prefix(taken.size());
        return std::string{taken};
    }
};

class Drive {
  public:
    explicit Drive(Bytes bytes)
        : bytes_{bytes}, role_{bytes_.next() & 1 ? Role::uac : Role::uas},
          session_{role_, {.session_expires = bytes_.next() & 1 ? 90u : 0u, .redirects_max = bytes_.next() % 4,
                           .random = [](std::uint32_t below) { return below / 2; }}} {}

    void run() {
        if (role_ == Role::uac) on(command::Start{sdp()});
        else ask(1, Method::invite);
        while (!bytes_.rest.empty() && !session_.done()) step();
        on(command::Hangup{});
        for (int steps = 0; !session_.done(); ++steps) {   // nobody answers any more
            ENSURE(steps < last_steps_max);
            if (!open_.empty()) {
                auto const lost = *open_.begin();
                open_.erase(open_.begin());
                on(Failed{lost, "timeout"});
            } else {
                auto const wake = session_.wake();
                ENSURE(wake.has_value());
                now_ = std::max(now_, *wake);
                on(Tick{});
            }
        }
        ENSURE(endings_ == 1);
    }

  private:
    std::string sdp() { return bytes_.next() & 1 ? "v=0 " + bytes_.text() : std::string{}; }

    Body body() {
        switch (bytes_.next() % 8) {
            case 0: return {"application/sdp", "v=0"};
            case 1: return {"application/dtmf-relay", "Signal=" + bytes_.text() + "\r\nDuration=" + bytes_.text()};
            case 3: return {"multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--" + bytes_.text()};
            case 4: return {bytes_.text(), bytes_.text()};
            default: return {};
        }
    }

    Headers headers() {
        Headers out;
        auto const what = bytes_.next();
        if (what & 1) out.require = {bytes_.next() & 1 ? "100rel" : bytes_.text()};
        if (what & 2) out.rseq = bytes_.next();
        if (what & 4) out.rack = RAck{last_rseq_ + bytes_.next() % 2, cseq_, Method::invite};
        if (what & 8) out.session_expires = SessionExpires{bytes_.next() * 10u, Refresher(bytes_.next() % 3)};
        if (what & 16) out.min_se = bytes_.next() * 10u;
        if (what & 32) out.reason = Reason{"Q.850", bytes_.next(), bytes_.text()};
        if (what & 64) out.contact = "sip:" + bytes_.text();
        if (what & 128) out.supported = {"timer", "100rel"};
        out.allow = {"UPDATE"};
        return out;
    }

    /// As the transport numbers them: a number is one request, and comes again only as its repetition.
    void ask(Transaction number, Method method) {
        auto const known = asked_.find(number);
        if (known != asked_.end() && method != Method::ack && method != Method::cancel) return on(known->second);
        Request request{.transaction = number, .method = method, .cseq = cseq_ += bytes_.next() % 3, .remote_tag = tag(), .headers = headers(), .body = body()};
        request.max_forwards = bytes_.next() % 71 - 1;
        request.looped = bytes_.next() == 255;
        if (method != Method::ack && method != Method::cancel) asked_.emplace(number, request);
        on(request);
    }

    std::string tag() { return std::string(1, char('a' + bytes_.next() % 3)); }

    void respond() {
        if (sent_.empty()) return;
        auto const& [number, method] = *std::next(sent_.begin(), bytes_.next() % long(sent_.size()));
        auto const status = 100 * (1 + bytes_.next() % 6) + bytes_.next() % 100;
        auto const repeated_ok = method == Method::invite && status / 100 == 2;
        if (!open_.contains(number) && !repeated_ok) return;   // the transport has forgotten it
        if (status >= 200) open_.erase(number);
        on(Response{number, status, bytes_.next(), tag(), headers(), body()});
    }

    void step() {
        switch (bytes_.next() % 16) {
            case 0: case 1: case 2: return ask(bytes_.next() % 24 + 1u, Method(bytes_.next() % 11));
            case 3: return ask(0, Method::ack);
            case 4: case 5: case 6: return respond();
            case 7: now_ += std::chrono::milliseconds{bytes_.next() * 50}; return on(Tick{});
            case 8: now_ += std::chrono::seconds{bytes_.next() * 60}; return on(Tick{});
            case 9: return on(command::Ring{sdp()});
            case 10: return on(command::EarlyMedia{sdp()});
            case 11: return on(command::Answer{sdp()});
            case 12: return on(bytes_.next() & 1 ? Input{command::AnswerOffer{sdp()}} : Input{command::RefuseOffer{}});
            case 13: return on(command::SendOffer{sdp()});
            case 14: return bytes_.next() & 1 ? on(command::Reject{bytes_.next() * 3, Cause::busy, {}, {}}) : on(command::Hangup{});
            default: {
                if (open_.empty()) return;
                auto const lost = *open_.begin();
                open_.erase(open_.begin());
                return on(Failed{lost, "gone"});
            }
        }
    }

    void on(Input const& input) {
        auto const actions = session_.on(input, now_);
        for (auto const& action : actions.send) {
            if (auto const* answer = std::get_if<Respond>(&action)) {
                if (answer->headers.rseq) last_rseq_ = *answer->headers.rseq;
                if (answer->status >= 200) ENSURE(answered_.insert(answer->transaction).second);
            } else if (auto const* request = std::get_if<Send>(&action)) {
                if (request->method == Method::bye) ENSURE(byes_.insert(request->dialog).second);
                if (request->method == Method::ack || request->method == Method::cancel) continue;
                ENSURE(sent_.emplace(request->transaction, request->method).second || request->method == Method::invite);
                open_.insert(request->transaction);
            }
        }
        for (auto const& signal : actions.tell) {
            ENSURE(endings_ == 0);
            endings_ += std::holds_alternative<signal::Ended>(signal) ? 1 : 0;
        }
    }

    Bytes bytes_;
    Role role_;
    Session session_;
    Steady now_{std::chrono::hours{1}};
    std::uint32_t cseq_ = 1, last_rseq_ = 0;
    std::map<Transaction, Request> asked_;
    std::map<Transaction, Method> sent_;
    std::set<Transaction> open_, answered_;
    std::set<std::string> byes_;
    int endings_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    Drive{Bytes{{reinterpret_cast<char const*>(data), size}}}.run();
    return 0;
}
