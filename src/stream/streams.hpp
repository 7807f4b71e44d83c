// All media streams of this process, on a thread of their own: a peer that floods or stalls costs no call anything.
//
// Thread: control, for everything public. Owner: App.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "egress/resolver.hpp"
#include "stream/session.hpp"

namespace boni::stream {

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

class Streams {
  public:
    /// Starts the thread. `policy` outlives this. Throws std::runtime_error as the resolver and the client do.
    Streams(egress::Policy const& policy, asio::any_io_executor control);
    /// Streams that are left say goodbye first, for at most 2 s; it waits for them.
    ~Streams();
    Streams(Streams const&) = delete;

    /// `tell` runs on the control executor, Ended last and once, also after the Stream was destroyed.
    std::unique_ptr<Stream> open(Wanted wanted, std::function<void(Told)> tell);

  private:
    struct Inner;
    std::shared_ptr<Inner> inner_;       // shared with what is on its way to the thread
};

}  // namespace boni::stream
