#include "app/old_recordings.hpp"

#include <algorithm>
#include <map>

#include "base/log.hpp"

namespace boni::app {
namespace {

constexpr std::size_t files_at_once = 100;               // some milliseconds of a pool thread, and one transaction
constexpr int rounds_max = 10'000;                      // fewer than a busy platform makes in an hour would stay for ever

/// Never outside the folder, whatever a row says.
bool inside(std::filesystem::path const& file) { return !file.is_absolute() && std::ranges::find(file, "..") == file.end(); }

struct Round {
    std::vector<RecordingId> gone;                       ///< their file was removed
    std::vector<model::Recording> missing;               ///< there was none
};

/// Blocks.
Round remove_files(std::filesystem::path const& folder, std::vector<model::Recording> const& recordings) {
    Round round;
    for (auto const& recording : recordings) {
        std::error_code error;
        auto const removed = inside(recording.file) && std::filesystem::remove(folder / recording.file, error);
        if (removed) round.gone.push_back(recording.id);
        else if (inside(recording.file) && !error) round.missing.push_back(recording);
        else log_error("app", "an old recording's file cannot be removed", {{"recording_id", recording.id.str()}});
    }
    return round;
}

/// The oldest of a tenant that can be read is missing too: then nothing of its time is gone, and would stay for ever once the disk is back.
Task<Result<bool>> disk_is_away(store::Store& store, Pool& pool, std::filesystem::path folder, TenantId tenant) {
    CO_TRY(auto const oldest, co_await store.oldest_recording(tenant));
    if (!oldest) co_return false;
    co_return co_await pool.run([file = folder / oldest->file] {
        std::error_code error;
        return !std::filesystem::exists(file, error);
    });
}

}  // namespace

Task<Result<std::size_t>> remove_old_recordings(store::Store& store, Pool& pool, std::filesystem::path folder) {
    std::size_t total = 0;
    RecordingId last;
    std::map<TenantId, bool> away;
    for (int number = 0; number < rounds_max; ++number) {
        CO_TRY(auto old, co_await store.recordings_to_remove(last, files_at_once));
        if (old.empty()) break;
        last = old.back().id;                            // one that stays does not keep the others
        auto round = co_await pool.run([folder, old = std::move(old)] { return remove_files(folder, old); });
        for (auto const& one : round.missing) {
            auto const [known, unasked] = away.try_emplace(one.tenant);
            if (unasked) {
                CO_TRY(known->second, co_await disk_is_away(store, pool, folder, one.tenant));
                if (known->second)
                    log_error("app", "recordings of a tenant are not there; is the disk of recording.folder mounted?",
                              {{"tenant_id", one.tenant.str()}});
            }
            if (!known->second) round.gone.push_back(one.id);
        }
        total += round.gone.size();
        CO_CHECK_OK(co_await store.recordings_removed(std::move(round.gone)));
    }
    co_return total;
}

}  // namespace boni::app
