// Everything around a call, replaced at link time: SIP, media, database, HTTP client and prompts that do what a test says.
// For what the real ones cannot be asked to do on cue: a commit that fails, two endings at once, a server that hangs.
#pragma once

#include <boost/asio/io_context.hpp>

#include "base/crypto.hpp"
#include "call/call.hpp"
#include "speech/prompt.hpp"
#include "stream/streams.hpp"

namespace boni::test {

/// What happened, and what shall happen. One at a time: the fakes find it through `Platform::now`.
struct Platform {
    Platform() { now = this; }
    ~Platform() { now = nullptr; }
    static inline Platform* now = nullptr;

    asio::io_context io;
    // SIP
    std::vector<std::string> sip;                      ///< "180", "183", "200", "486 busy", "488 incompatible: why", "BYE normal 16"
    bool answers_leave = true;                         ///< false: each 200 waits for the caller's PRACK, which does not come
    bool answers_arrive = true;                        ///< false: no 200 gets its ACK
    std::function<void()> hung_up;                     ///< comes of a BYE before its end does
    std::function<void(sip::Incoming)> incoming;
    std::map<std::uint64_t, std::function<void(sip::Signal)>> sessions;
    // media
    std::vector<std::string> media;                    ///< "open" or "open as 203.0.113.5", "start", "start unanswered", "update", "hold", "play", "stop", "close"
    std::function<void(media::PortEvent)> port_event;
    std::chrono::milliseconds clip_length{20};
    std::size_t ports_free = 100;
    bool disk_full = false;                            ///< nothing can be recorded any more
    std::chrono::milliseconds disk_delay{0};           ///< until a recording begins
    std::string cut_short;                             ///< why a recording ends before it is told to
    std::shared_ptr<asio::steady_timer> recording;     ///< cancelled when it ends
    std::map<std::uint64_t, std::shared_ptr<asio::steady_timer>> playing;   ///< shared with its wait
    // media streams
    struct OpenStream {
        stream::Wanted wanted;
        std::function<void(stream::Told)> tell;
        std::string digits{};
        bool over = false;
    };
    std::vector<OpenStream> streams;
    enum class Bots { staying, silent, leaving } bots = Bots::staying;
    // database
    std::vector<store::Commit> commits;                ///< what is on disk, `write` included
    int failing_commits = 0;                           ///< so many fail from now on
    std::chrono::milliseconds commit_after{0};         ///< how long one takes
    std::optional<store::Inbound> inbound;
    std::map<std::string, model::Call> calls;
    std::vector<model::RouteHealth> health;
    std::map<std::string, model::VoiceAgent> agents;
    // the customer's server
    std::function<Result<egress::HttpResponse>(egress::HttpRequest const&)> answer;
    std::chrono::milliseconds answer_after{1};
    std::vector<egress::HttpRequest> requests;
};

}  // namespace boni::test
