#include "app/lost_recordings.hpp"

#include "base/log.hpp"
#include "call/record.hpp"
#include "call/recordings.hpp"
#include "media/wav_file.hpp"

namespace boni::app {
namespace {

/// All of its call's, whole seconds of each.
Task<Result<model::Metered>> used(store::Store& store, model::Recording const& last) {
    CO_TRY(auto all, co_await store.recordings(last.tenant, last.call));
    all.push_back(last);
    std::int64_t seconds = 0;
    for (auto const& one : all) seconds += one.started_seconds();
    co_return model::Metered{"recording_minutes", seconds};
}

Task<Result<>> close(call::Calls& calls, Pool& pool, model::Recording lost) {
    auto& services = calls.services();
    auto& store = services.store;
    CO_TRY(auto call, co_await store.call(lost.tenant, lost.call));
    CO_TRY(auto const route, co_await store.route(lost.tenant, call.number));
    auto const began = lost.bytes > 0;                       // then there was a file, and a disk that is not mounted gives nothing up
    auto const mend = [file = services.recordings / lost.file]() -> Result<media::Recorded> { return media::WavFile::mend(file); };
    CO_TRY(auto const mended, co_await pool.run(mend));
    if (began && mended.bytes == 0) co_return fail(Errc::unavailable, "its file is not there; is the disk of recording.folder mounted?");
    call::Record record{services, calls.observer(), std::move(call), route};
    store::Commit commit;
    if (mended.samples == 0) {
        lost.removed_at = services.clock.now();
        record.add_note(commit, "recording.failed", call::failed(lost, "nothing of it is on the disk"));
    } else {
        call::complete(lost, mended, services.clock.now());
        CO_TRY(auto const seconds, co_await used(store, lost));
        commit.metered = {seconds};
        commit.also_endpoint = lost.callback;
        record.add_event(commit, "recording.available", call::available(lost));
    }
    commit.recording = std::move(lost);
    co_return co_await record.save(std::move(commit));
}

}  // namespace

Task<> close_lost_recordings(call::Calls& calls, Pool& pool, std::vector<model::Recording> lost) {
    for (auto& one : lost) {
        auto const id = one.id.str();
        auto const closed = co_await close(calls, pool, std::move(one));
        if (!closed) log_error("app", "a recording of the last process could not be closed: " + closed.error().what, {{"recording_id", id}});
        else log_warning("app", "a recording of the last process was closed", {{"recording_id", id}});
    }
}

}  // namespace boni::app
