// The media streams of one call: how many, what the customer is told of them, and their place at the caller's leg.
//
// Thread: control. Owner: Call. A stream ends by itself, by `stop`, or with the call; `stream.stopped` follows in each case.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "base/id.hpp"
#include "call/action.hpp"
#include "model/usage.hpp"
#include "stream/streams.hpp"

namespace boni::call {

class Call;

constexpr std::size_t streams_max = 4;               ///< of one call, whatever its tenant may have; one bidirectional (media-stream 1)

struct StreamOrder {
    std::string url{};
    stream::ContentType type{};
    std::vector<stream::Track> tracks{stream::Track::inbound};
    bool bidirectional = false;
    bool play_out = false;                           ///< a clean close lets the caller hear the rest
    EndpointId callback{};                           ///< is told of start and stop as well; its secret signs
    StreamId id{};                                   ///< empty: a new one
    ActionId action{};                               ///< that asked for it; empty: a target
    std::unique_ptr<Place> place{};                  ///< from `promise`; null: it takes what is free
};

/// One stream, from the order to its end.
struct RunningStream {
    RunningStream(StreamId name, StreamOrder wanted, asio::any_io_executor control)
        : id{std::move(name)}, order{std::move(wanted)}, changed{control} {}
    StreamId id;
    StreamOrder order;
    std::unique_ptr<stream::Stream> stream;
    std::optional<Steady> opened;
    bool attached = false;                           ///< at the leg, or it was
    bool detached = false;
    std::optional<Steady> stopping;                  ///< by our word, since then
    std::optional<stream::told::Ended> ended;
    Bell changed;                                    ///< rings when one of the above does
};
using StreamHandle = std::shared_ptr<RunningStream>;

class Streams {
  public:
    Streams(Call& call, asio::any_io_executor control);

    /// Room for it, until it is opened or given back. Errc::conflict `stream_limit_reached`, `bidirectional_stream_active`.
    Result<std::unique_ptr<Place>> promise(StreamOrder const& order);
    /// Returns when the upgrade has succeeded, be it that the bot has left since. Errc::unavailable with the token of the last attempt;
    /// `stream.stopped` tells it too.
    Task<Result<StreamHandle>> open(StreamOrder order);
    /// Audio flows, and `stream.started` is told. Needs media.
    Task<> attach(StreamHandle stream);
    Task<stream::told::Ended> until_ended(StreamHandle stream);

    /// An empty id means any.
    bool runs(StreamId const& id) const;
    /// An empty id means all of them, in the order of their start, which is also the order they are told in.
    void stop(StreamId const& id, std::string const& reason);
    void digit(char key);
    /// Open time of all streams so far, whole seconds of each (api-semantics 11).
    model::Metered used() const;
    /// Returns when every stream has ended and is told.
    Task<> settled();

  private:
    struct Promised { std::size_t streams = 0, bidirectional = 0; };
    class Promise;
    Result<> room_for(StreamOrder const& order) const;
    Task<> look_after(std::shared_ptr<Call> call, StreamHandle stream);
    Task<> tell_started(RunningStream const& stream);
    void detach(RunningStream& stream);
    bool follows_another(StreamHandle const& stream) const;
    stream::Wanted wanted(StreamHandle const& stream, std::vector<Secret> keys) const;

    Call& call_;
    std::vector<StreamHandle> running_;              ///< until they are told, in the order of their start
    std::shared_ptr<Promised> promised_ = std::make_shared<Promised>();   ///< shared with the places it gave out
    std::int64_t seconds_of_ended_ = 0;
    Bell gone_;                                      ///< rings when one of them is
};

}  // namespace boni::call
