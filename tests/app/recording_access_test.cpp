// A recording is read at its signed address, from the API's own listener, without a key (api-semantics 8, contract Recording.accessUrl).
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "support/running_app.hpp"

using namespace boni;
using test::member;

namespace {

constexpr std::size_t samples_bytes = 700'000;           // more pieces than one

/// As the recorder leaves it: a head of 44 bytes, then samples.
std::string wav() {
    std::string bytes = "RIFF....WAVEfmt ";
    bytes.resize(44, '\1');
    for (std::size_t at = 0; at < samples_bytes; ++at) bytes += char(at * 7 % 251);
    return bytes;
}

struct RecordingAccessStage {
    RecordingAccessStage() {
        std::filesystem::create_directories(folder.path / "recordings/2026-11");
        std::ofstream{folder.path / "recordings/2026-11/a.wav", std::ios::binary} << whole;
        auto const made = app.admin("POST", "/v1/tenants/acme/keys");
        key = member(made, {"apiKey"});
    }
    /// Another tenant, with one recording of the same file.
    static Task<Result<>> fill_other(app::App& app, model::Recording recording, model::Tenant tenant, model::Call call) {
        recording.id = RecordingId::fresh(recording.created_at + 3ms);
        recording.tenant = tenant.id;
        recording.call = call.id;
        CO_CHECK_OK(co_await app.store().create_tenant(std::move(tenant)));
        co_return co_await app.store().commit({.call = std::move(call), .recording = std::move(recording)});
    }
    static Task<Result<>> fill(app::App& app, std::shared_ptr<model::Recording> recording, model::Call call, model::Tenant tenant) {
        CO_CHECK_OK(co_await app.store().create_tenant(std::move(tenant)));
        CO_CHECK_OK(co_await app.store().commit({.call = std::move(call)}));
        auto lost = *recording;
        lost.id = RecordingId::fresh(lost.created_at + 1ms);
        lost.created_at += 1ms;
        lost.file = "2026-11/lost.wav";
        auto outside = *recording;
        outside.id = RecordingId::fresh(lost.created_at + 2ms);
        outside.created_at += 2ms;
        outside.file = "../master.key";
        for (auto const& one : {*recording, lost, outside}) CO_CHECK_OK(co_await app.store().commit({.recording = one}));
        co_return Result<>{};
    }
    app::Duties duties() {
        auto const now = system_clock().now();
        auto const tenant = test::tenant_row("acme", now);
        auto const call = test::call_row(tenant, now);
        path = "/v1/calls/" + call.id.str() + "/recordings";
        auto const recording = std::make_shared<model::Recording>(test::recording_row(call, "2026-11/a.wav", now));
        recording->milliseconds = 43'750;
        recording->bytes = std::int64_t(whole.size());
        auto const other = test::tenant_row("other", now);
        auto const others_call = test::call_row(other, now);
        others_path = "/v1/calls/" + others_call.id.str() + "/recordings";
        app::Duties out;
        out.prepare = [=](app::App& running) -> Task<Result<>> {
            CO_CHECK_OK(co_await fill(running, recording, call, tenant));
            co_return co_await fill_other(running, *recording, other, others_call);
        };
        return out;
    }
    /// Path and query of the address of the row at `index`, newest first.
    std::string link(std::string_view index = "2") { return link_in(app.public_api("GET", path, key), index); }
    std::string others_link() {
        auto const made = app.admin("POST", "/v1/tenants/other/keys");
        return link_in(app.public_api("GET", others_path, member(made, {"apiKey"})), "0");
    }
    std::string link_in(test::Answer const& list, std::string_view index) const {
        auto const url = member(list, {"data", index, "accessUrl"});
        auto const base = "http://" + app.at.http.text();
        REQUIRE(url.starts_with("http://boni/recordings/ten_"));   // the Host that was asked
        return url.substr(std::string_view{"http://boni"}.size());
    }
    test::Answer ask(std::string const& target, std::string const& headers = "", std::string const& method = "GET") {
        return test::RawHttp{app.at.http}.ask(method + " " + target + " HTTP/1.1\r\nHost: boni\r\n" + headers + "\r\n");
    }

    std::string const whole = wav();
    std::string path, others_path;
    std::string key;
    test::TempFolder folder;
    test::RunningApp app{test::loopback_config(folder.path), duties()};
};

}  // namespace

TEST_CASE("the address gives the file to whoever has it, whole or in part") {
    RecordingAccessStage stage;
    auto const link = stage.link();
    auto const all = stage.ask(link);
    CHECK(all.status == 200);
    CHECK(all.body == stage.whole);
    CHECK(all.at("content-type") == "audio/wav");
    CHECK(all.at("cache-control") == "no-store");
    CHECK(all.at("accept-ranges") == "bytes");
    auto const size = std::to_string(stage.whole.size());
    auto const part = stage.ask(link, "Range: bytes=100000-299999\r\n");
    CHECK(part.status == 206);
    CHECK(part.body == stage.whole.substr(100'000, 200'000));
    CHECK(part.at("content-range") == "bytes 100000-299999/" + size);
    CHECK(stage.ask(link, "Range: bytes=-3\r\n").body == stage.whole.substr(stage.whole.size() - 3));
    auto const beyond = stage.ask(link, "Range: bytes=" + size + "-\r\n");
    CHECK(beyond.status == 416);
    CHECK(beyond.at("content-range") == "bytes */" + size);
    auto const head = stage.ask(link, "Range: bytes=0-1\r\n", "HEAD");
    CHECK(head.status == 200);
    CHECK(head.at("content-length") == size);
    CHECK(stage.ask(link, "", "DELETE").status == 405);
    CHECK(stage.ask(link).body == stage.whole);          // not used up
}

TEST_CASE("an address that was not signed so is 403, whatever was changed in it") {
    RecordingAccessStage stage;
    auto const link = stage.link();
    auto const changed = [&](std::string_view what, std::string_view into) {
        auto out = link;
        auto const at = out.find(what);
        REQUIRE(at != out.npos);
        return out.replace(at, what.size(), into);
    };
    auto const last = link.back() == '0' ? "1" : "0";
    for (auto const& forged : {link.substr(0, link.size() - 1) + last, link.substr(0, link.size() - 1), changed("expires=", "expires=9"),
                               changed("rec_0", "rec_1"),
                               changed("ten_0", "ten_1"), link.substr(0, link.find('?')), changed("expires=", "expires=1&expires="), link + "&signature=0"}) {
        CAPTURE(forged);
        auto const answer = stage.ask(forged);
        CHECK(answer.status == 403);
        CHECK(member(answer, {"error"}) == "forbidden");
    }
    CHECK(stage.ask("/recordings/").status == 404);
    CHECK(stage.ask("/recordings/a/b/c").status == 404);
}

TEST_CASE("a file that is gone is 404, and nothing outside the folder is ever read") {
    RecordingAccessStage stage;
    CHECK(stage.ask(stage.link("1")).status == 404);
    REQUIRE(::mkfifo((stage.folder.path / "recordings/2026-11/lost.wav").c_str(), 0600) == 0);
    CHECK(stage.ask(stage.link("1")).status == 404);
    auto const outside = stage.ask(stage.link("0"));
    CHECK(outside.status == 500);
    CHECK(outside.body.find("master") == std::string::npos);
}

TEST_CASE("an address is worth nothing while its tenant is suspended or disabled") {
    RecordingAccessStage stage;
    auto const link = stage.link();
    for (auto const* const status : {"suspended", "disabled"}) {
        stage.app.admin("PATCH", "/v1/tenants/acme", R"({"status":")" + std::string{status} + R"("})");
        auto const answer = stage.ask(link);
        CHECK(answer.status == 403);
        CHECK(member(answer, {"error"}) == "tenant_" + std::string{status});
        CHECK(stage.ask(link, "", "HEAD").status == 403);
        CHECK(stage.ask(stage.others_link()).status == 200);
    }
    for (auto const* const status : {"provisioning", "active"}) {   // it reads
        stage.app.admin("PATCH", "/v1/tenants/acme", R"({"status":")" + std::string{status} + R"("})");
        CHECK(stage.ask(link).status == 200);
    }
}

TEST_CASE("one tenant's readers, however slow, keep nobody else from reading") {
    constexpr int share = 64;
    constexpr std::uintmax_t more_than_sockets_hold = 64 << 20;
    RecordingAccessStage stage;
    std::filesystem::resize_file(stage.folder.path / "recordings/2026-11/a.wav", more_than_sockets_hold);
    auto const link = stage.link(), others = stage.others_link();
    std::vector<std::unique_ptr<test::RawHttp>> slow;
    for (int count = 0; count < share; ++count) {
        slow.push_back(std::make_unique<test::RawHttp>(stage.app.at.http));
        REQUIRE(slow.back()->send("GET " + link + " HTTP/1.1\r\nHost: boni\r\n\r\n"));
        REQUIRE(slow.back()->answer(true).status == 200);   // its head, and nothing more is read
    }
    auto const refused = stage.ask(link, "Range: bytes=0-3\r\n");
    CHECK(refused.status == 503);
    CHECK(refused.at("retry-after") == "1");
    CHECK(stage.ask(others, "Range: bytes=0-3\r\n").body == "RIFF");
    slow.pop_back();
    auto again = stage.ask(link, "Range: bytes=0-3\r\n");
    auto const noticed_by = std::chrono::steady_clock::now() + 5s;   // each time a whole round trip: the server sees the one that left meanwhile
    while (again.status == 503 && std::chrono::steady_clock::now() < noticed_by) again = stage.ask(link, "Range: bytes=0-3\r\n");
    CHECK(again.body == "RIFF");
}
