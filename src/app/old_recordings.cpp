#include "app/old_recordings.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace boni::app {
namespace {

constexpr std::size_t files_at_once = 100;               // some milliseconds of a pool thread, and one transaction
constexpr int rounds_max = 10'000;                      // fewer than a busy platform makes in an hour would stay for ever

/// Never outside the folder, whatever a row says. Blocks.
bool removed(std::filesystem::path const& folder, std::filesystem::path const& file) {
    if (file.is_absolute() || std::ranges::find(file, "..") != file.end()) return false;
    std::error_code error;
    std::filesystem::remove(folder / file, error);
    return !error;
}

/// Ids of those whose file is gone. Blocks.
std::vector<RecordingId> remove_files(std::filesystem::path const& folder, std::vector<model::Recording> const& recordings) {
    std::vector<RecordingId> gone;
    for (auto const& recording : recordings) {
        if (removed(folder, recording.file)) gone.push_back(recording.id);
        else log_error("app", "an old recording's file cannot be removed", {{"recording_id", recording.id.str()}});
    }
    return gone;
}

}  // namespace

Task<Result<std::size_t>> remove_old_recordings(store::Store& store, Pool& pool, std::filesystem::path folder) {
    std::size_t total = 0;
    RecordingId last;
    for (int round = 0; round < rounds_max; ++round) {
        CO_TRY(auto old, co_await store.recordings_to_remove(last, files_at_once));
        if (old.empty()) break;
        last = old.back().id;                            // one that stays does not keep the others
        auto gone = co_await pool.run([folder, old = std::move(old)] { return remove_files(folder, old); });
        total += gone.size();
        CO_CHECK_OK(co_await store.recordings_removed(std::move(gone)));
    }
    co_return total;
}

}  // namespace boni::app
