// The recordings of one call, one at a time: from the order to the file that its customer can read (media.md 9).
//
// Thread: control. Owner: Call. Each is a row before it is a file, so that the next process finds what this one leaves behind
// (app/lost_recordings). It ends by `stop`, with the call, or when the disk has no room; `recording.available` follows when there is anything in it.
#pragma once

#include <memory>
#include <optional>

#include "base/bell.hpp"
#include "call/action.hpp"
#include "media/wav_file.hpp"
#include "model/recording.hpp"
#include "model/usage.hpp"

namespace boni::call {

class Call;

struct RecordingOrder {
    RecordingId id{};                                ///< empty: a new one
    ActionId action{};                               ///< that asked for it; empty: the route
    bool dual = false;                               ///< the caller left, everybody else right; else all of them on one channel
    EndpointId callback{};                           ///< is told as well
    std::unique_ptr<Place> place{};                  ///< from `promise`; null: it takes it
};

class Recordings {
  public:
    Recordings(Call& call, asio::any_io_executor control);

    /// The only place, until it is given back. Errc::conflict `recording_already_running`.
    Result<std::unique_ptr<Place>> promise();
    /// The right to stop the one that runs, its id in `recording`; given back unused it may be had again. Errc::conflict `recording_not_running`.
    Result<std::unique_ptr<Place>> promise_stop(RecordingId& recording);
    /// Returns when it runs. Needs media. Errc::unavailable: the disk or the database refuses it; the timeline says why.
    Task<Result<>> start(RecordingOrder order);
    /// Returns when its file is closed and it is told; Errc::unavailable when there is nothing of it, and why. A disk may hang: then
    /// after 20 s at most.
    Task<Result<>> stop();
    /// Returns when one that has ended by itself, or with the call, is told; after 10 s at most.
    Task<> settled();
    /// Recorded time so far, whole seconds of each (api-semantics 11): of files, and of the one that runs.
    model::Metered used() const;

  private:
    struct Running {
        model::Recording row;
        std::optional<Steady> began;
        bool known = false;                          ///< there is a row of it
        bool stopping = false;                       ///< somebody has the right to
        bool stop_asked = false;
        bool over = false;                           ///< its file is closed: what it used is counted with those that ended
        bool told = false;
        std::optional<Error> why;                    ///< there is nothing of it
    };
    class Promise;
    class StopPromise;
    bool runs() const;                               ///< and nobody is stopping it
    Task<> look_after(std::shared_ptr<Call> call, std::shared_ptr<Running> running, std::shared_ptr<Running> before);
    Task<Result<>> begin(Running& running);
    Task<> finish(Running& running, Result<media::Recorded> recorded);
    Task<> until_told(std::shared_ptr<Running> one);

    Call& call_;
    std::shared_ptr<Running> running_;               ///< the latest, until it is told
    std::shared_ptr<bool> promised_ = std::make_shared<bool>(false);   ///< shared with the place it gave out
    std::int64_t seconds_of_ended_ = 0;
    Bell changed_;                                   ///< rings when one begins or is gone
};

/// What a row says of a file that is complete, what is told of it, and of one there is nothing of.
void complete(model::Recording& row, media::Recorded const& recorded, Instant now);
json::object available(model::Recording const& row);
json::object failed(model::Recording const& row, std::string const& why);

}  // namespace boni::call
