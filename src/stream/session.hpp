// The life of one media stream: open, talk, come back after a loss, close (media-stream 2, 5 and 6).
//
// Thread: the streams' own, except for the constructor. Owner: its coroutine. Nothing here waits for the call or for another stream.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/allowance.hpp"
#include "base/bell.hpp"
#include "egress/web_socket.hpp"
#include "media/tap.hpp"
#include "stream/low_water.hpp"
#include "stream/outbox.hpp"
#include "stream/speaker.hpp"
#include "stream/stream.hpp"
#include "stream/voice_activity.hpp"

namespace boni::stream {

class Session : public std::enable_shared_from_this<Session> {
  public:
    /// `feed` is null on a unidirectional stream. `tell` runs on the stream's thread.
    Session(asio::any_io_executor where, egress::WebSocketClient& client, Wanted wanted, std::shared_ptr<media::Tap> tap,
            std::shared_ptr<media::Feed> feed, std::function<void(Told)> tell);

    Task<> run();
    void broke();                        ///< `run` was left by an exception: the end is told all the same
    void look();                         ///< a media thread has something, perhaps for this stream
    void digit(char key);
    /// `stop` with this reason, then close 1000, or 1001 for `shutdown`; at most 2 s.
    void stop(std::string reason);

  private:
    enum class How { stopped, refused, closed, lost, broken, dead, stalled };
    using Opened = Result<std::unique_ptr<egress::WebSocket>>;
    std::uint16_t code_of(How how, egress::WebSocket const& socket) const;
    Task<Opened> connect_first();
    Task<Opened> reconnect();
    Task<Opened> attempt(std::chrono::steady_clock::duration limit);
    Task<How> converse(egress::WebSocket& socket, bool reconnected);
    static Task<How> last(egress::WebSocket& socket, Task<How> part);
    Task<How> read(egress::WebSocket& socket);
    Task<How> write(egress::WebSocket& socket);
    Task<How> watch(egress::WebSocket& socket);
    Task<How> refuse(std::string reason);
    Task<Result<>> write_one(egress::WebSocket& socket, Outbox::Item const& item);
    Task<> until_stopped();
    Task<> play_out();
    void heard(Incoming message);
    void pump();
    struct Captured {
        std::optional<Encoder> encoder;
        std::optional<std::uint64_t> first_tick;
        std::optional<Media> gathered;   // not yet a whole message
    };
    void gather(Captured& captured, Media frame);
    void spoken(std::optional<Speech> change);
    void ignored(std::string_view why);
    void remark(std::string event, json::object detail);
    void push(Outbox::Item item);
    void end(std::string reason, std::optional<std::uint16_t> code, std::string error = {});

    egress::WebSocketClient& client_;
    Wanted wanted_;
    Dialect const& dialect_;
    Extras const* const extras_;         ///< of the dialect; null: the peer has not asked for them
    std::shared_ptr<media::Tap> tap_;
    std::function<void(Told)> tell_;
    Outbox outbox_;
    std::optional<Speaker> speaker_;
    std::array<Captured, 2> captured_;   // by track
    VoiceActivity voice_;                // these two only with `extras_`
    LowWater low_water_;
    bool talking_ = false;               // there is a socket
    std::optional<std::uint64_t> first_tick_;
    std::uint64_t sequence_ = 0;
    std::optional<std::string> stopping_;
    std::optional<std::string> refused_; ///< what the peer did that we do not bear
    Steady stopping_since_{};
    std::optional<Steady> writing_since_;
    Steady heard_at_{};                  ///< the caller's latest frame
    Bell filled_;                        ///< rings when the outbox has something
    Bell stopped_;                       ///< rings with `stop`
    Bell turned_;                        ///< rings when the caller has heard all there was, and with `stop`
    std::set<std::string, std::less<>> remarked_;
    std::optional<Steady> opened_at_;
    Steady connected_at_{}, lost_at_{};  // the socket there is; the beginning of the window for another
    std::size_t next_try_ = 0;           // within that window
    Allowance pace_;                     // at which the peer is read
    int reconnects_ = 0;
    std::uint64_t frames_sent_ = 0;
};

}  // namespace boni::stream
