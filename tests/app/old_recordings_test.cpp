// Recordings and transcripts are kept as long as their tenant's `recording_retention_days` say, then row and file go.
#include <fstream>

#include "app/old_recordings.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::monday;
using std::chrono::days;

struct OldRecordingsStage : test::TenantStore {
    OldRecordingsStage() : TenantStore{"acme", monday} {
        call = test::call_row(tenant, monday);
        ok(store->commit(test::step(call, model::CallStatus::failed, "call.failed", monday + 1s)));
    }
    model::Recording record(std::string file, Instant at, bool on_disk = true) {
        auto recording = test::recording_row(call, file, at);
        ok(store->commit({.recording = recording}));
        if (on_disk) std::ofstream{disk.path / file} << "RIFF";
        return recording;
    }
    void keep(double kept) {
        tenant.limits["recording_retention_days"] = kept;
        ok(store->update_tenant(tenant));
    }
    /// What the house does every hour; how many files went.
    std::size_t house(Instant now) {
        ok(store->prune(now));
        return ok(app::remove_old_recordings(*store, pool, disk.path));
    }
    std::size_t found() { return ok(store->recordings(tenant.id, call.id)).size(); }
    bool there(std::string const& file) { return std::filesystem::exists(disk.path / file); }

    model::Call call;
    test::TempFolder disk;
    Pool pool{1};
};

}  // namespace

TEST_CASE("a recording is there until its tenant's days are over, then neither row nor file is found") {
    OldRecordingsStage stage;
    auto const old = stage.record("old.wav", monday);
    stage.record("young.wav", monday + days{2});
    stage.ok(stage.store->save_transcript({.id = TranscriptId::fresh(monday), .tenant = stage.tenant.id, .call = stage.call.id,
                                           .created_at = monday}));
    stage.keep(7);
    CHECK(stage.house(monday + days{7} - 1s) == 0);
    CHECK(stage.found() == 2);
    CHECK(stage.ok(stage.store->transcripts(stage.tenant.id, stage.call.id)).size() == 1);
    CHECK(stage.house(monday + days{7}) == 1);
    CHECK(stage.found() == 1);
    CHECK(stage.token(stage.store->recording(stage.tenant.id, old.id)) == "not_found");
    CHECK(stage.ok(stage.store->transcripts(stage.tenant.id, stage.call.id)).empty());
    CHECK_FALSE(stage.there("old.wav"));
    CHECK(stage.there("young.wav"));
    CHECK(stage.house(monday + days{7}) == 0);
}

TEST_CASE("the default is 90 days, and nobody's recordings stay less than one") {
    OldRecordingsStage stage;
    stage.record("a.wav", monday);
    CHECK(stage.house(monday + days{89}) == 0);
    stage.keep(0);
    CHECK(stage.house(monday + 23h) == 0);
    CHECK(stage.house(monday + 24h) == 1);
}

TEST_CASE("the longest that a tenant's limit takes is for ever") {
    OldRecordingsStage stage;
    stage.record("a.wav", monday);
    for (auto const kept : {1e9, 2e8, 106'751'992.0, 106'751'991.0, 30'000.0}) {
        CAPTURE(kept);
        stage.tenant.limits["timeline_retention_days"] = kept;
        stage.keep(kept);
        CHECK(stage.house(monday + days{720}) == 0);
        CHECK(stage.found() == 1);
        CHECK_FALSE(stage.ok(stage.store->timeline(stage.call.id)).empty());
    }
}

TEST_CASE("a file that went before, or was never there, is no fault; one outside the folder is not touched and keeps no other") {
    OldRecordingsStage stage;
    std::ofstream{stage.folder.path / "precious"} << "x";
    stage.record("../" + stage.folder.path.filename().string() + "/precious", monday, false);
    for (int n = 0; n < 150; ++n) stage.record(std::to_string(n) + ".wav", monday + std::chrono::milliseconds{n + 1}, n % 2 == 0);
    CHECK(stage.house(monday + days{91}) == 150);
    CHECK(std::filesystem::exists(stage.folder.path / "precious"));
    CHECK(std::filesystem::is_empty(stage.disk.path));
    CHECK(stage.found() == 0);
}

TEST_CASE("what was marked before a crash is taken off the disk after it; a call that goes takes its recordings along") {
    OldRecordingsStage stage;
    stage.record("a.wav", monday);
    stage.ok(stage.store->prune(monday + days{91}));
    CHECK(stage.there("a.wav"));
    stage.reopen();
    CHECK(stage.ok(app::remove_old_recordings(*stage.store, stage.pool, stage.disk.path)) == 1);
    CHECK_FALSE(stage.there("a.wav"));
    stage.record("kept.wav", monday + days{1});
    stage.keep(100'000);
    CHECK(stage.house(monday + days{731}) == 1);
    CHECK_FALSE(stage.there("kept.wav"));
}

TEST_CASE("one round takes as many as a busy platform records in an hour") {
    constexpr int many = 10'200, at_once = 100;
    OldRecordingsStage stage;
    for (int n = 0; n < many; ++n) {
        auto const at = monday + std::chrono::milliseconds{n};
        store::Commit one{.recording = test::recording_row(stage.call, std::to_string(n) + ".wav", at)};
        if (n % at_once == 0) stage.ok(stage.store->commit(std::move(one)));   // so that the queue is never full
        else stage.store->write(std::move(one));
    }
    CHECK(stage.house(monday + days{91}) == many);
}

TEST_CASE("what is due while its disk is not mounted goes when it is back") {
    OldRecordingsStage stage;
    stage.record("old.wav", monday);
    stage.record("young.wav", monday + days{50});
    auto const away = stage.disk.path.string() + ".away";
    std::filesystem::rename(stage.disk.path, away);
    std::filesystem::create_directory(stage.disk.path);      // the empty folder it is mounted at
    stage.record("newest.wav", monday + days{90});           // recorded meanwhile
    CHECK(stage.house(monday + days{91}) == 0);
    std::filesystem::remove_all(stage.disk.path);
    std::filesystem::rename(away, stage.disk.path);
    CHECK(stage.house(monday + days{91}) == 1);
    CHECK_FALSE(stage.there("old.wav"));
    CHECK(stage.there("young.wav"));
}
