// What is kept of a call to be heard or read. Plain values; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::model {

/// A recording, from its order on; it can be read once its file is complete.
struct Recording {
    RecordingId id;
    TenantId tenant;
    CallId call;
    ActionId action;                         ///< that started it; empty: the route did
    std::int64_t milliseconds = 0;
    int channels = 1;
    std::int64_t bytes = 0;
    std::string file;                        ///< below the recordings' folder; never shown
    EndpointId callback{};                   ///< is told that it can be read, whatever its events are; empty: none
    Instant created_at{};
    std::optional<Instant> finished_at{};    ///< its file is complete, checked and readable; until then nobody finds it
    std::optional<Instant> removed_at{};     ///< when its time was over, or nothing was recorded: nobody finds it any more

    std::int64_t started_seconds() const { return (milliseconds + 999) / 1000; }   ///< what is paid for
};

enum class TranscriptStatus { pending, completed, failed };

struct Transcript {
    TranscriptId id;
    TenantId tenant;
    CallId call;
    RecordingId recording;                   ///< it was made from; empty: from the agent's own log
    TranscriptStatus status = TranscriptStatus::pending;
    std::string language;
    std::string text;
    std::string summary;
    Instant created_at{};
};

/// The contract's `Recording`, without the address it can be read at, and its `Transcript`.
json::object to_json(Recording const& recording);
json::object to_json(Transcript const& transcript);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::TranscriptStatus> = names<model::TranscriptStatus>({
    {model::TranscriptStatus::pending, "pending"}, {model::TranscriptStatus::completed, "completed"},
    {model::TranscriptStatus::failed, "failed"}});
}  // namespace boni
