// One media stream as its call sees it: what is wanted, what is told of it, and the hold on it. Its life: session.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/secret.hpp"
#include "base/task.hpp"
#include "stream/dialect.hpp"

namespace boni::media {
class Tap;
class Feed;
}  // namespace boni::media

namespace boni::stream {

class Session;

struct Wanted {
    std::string url;                     ///< as the customer wrote it: it is signed so
    std::vector<Secret> keys;            ///< that sign the upgrade, active first
    Subject subject;
    bool bidirectional = false;
    bool play_out = false;               ///< after a clean close what is queued is still heard
};

namespace told {
struct Opened {};
/// For the timeline, once per kind.
struct Remark { std::string event; json::object detail; };
struct Ended {
    bool opened = false;
    std::string reason;                  ///< of `stream.stopped`: stream_stopped, peer_closed, connect_failed, connection_lost, ...
    std::string error;                   ///< token of the last attempt, of connect_failed
    std::optional<std::uint16_t> close_code;   ///< of the last connection (RFC 6455 7.1.5): 1006 without a close frame; none when there was none
    double seconds = 0;                  ///< since Opened, in whole milliseconds
    int reconnects = 0;
    std::uint64_t frames_sent = 0, frames_dropped = 0, bytes_played = 0;
};
}  // namespace told
using Told = std::variant<told::Opened, told::Remark, told::Ended>;

/// One stream as the call sees it. Thread: control. Destroying it stops the stream with reason `stream_stopped`.
class Stream {
  public:
    ~Stream();
    std::shared_ptr<media::Tap> const& tap() const { return tap_; }     ///< give it to the leg when the stream has opened
    std::shared_ptr<media::Feed> const& feed() const { return feed_; }  ///< null: the peer may not speak
    void digit(char key);
    void stop(std::string reason);                                      ///< Ended follows within 2 s

  private:
    friend class Streams;
    Stream(std::shared_ptr<Session> session, asio::any_io_executor where, std::shared_ptr<media::Tap> tap, std::shared_ptr<media::Feed> feed)
        : session_{std::move(session)}, where_{std::move(where)}, tap_{std::move(tap)}, feed_{std::move(feed)} {}

    std::shared_ptr<Session> session_;
    asio::any_io_executor where_;
    std::shared_ptr<media::Tap> tap_;
    std::shared_ptr<media::Feed> feed_;
};

}  // namespace boni::stream
