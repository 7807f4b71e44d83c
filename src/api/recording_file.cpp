#include "api/recording_file.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/auth.hpp"
#include "api/recording_link.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "call/calls.hpp"
#include "http/byte_range.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "store/store.hpp"

namespace boni::api {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

/// An open file and how much of it is still to be sent. Closed with the last piece, or when the client goes.
struct Reading {
    Fd file;
    std::uint64_t size = 0;
    std::uint64_t at = 0;
    std::uint64_t left = 0;
    Shares::Place place{};   ///< its tenant's; the last piece may go on a pool thread
};

/// Never leaves the folder, and no link leads out of it. Blocks.
Result<std::shared_ptr<Reading>> open_file(std::filesystem::path const& folder, std::filesystem::path const& file) {
    auto const outside = file.empty() || file.is_absolute() || std::ranges::find(file, "..") != file.end();
    if (outside) return fail(Errc::internal, "a recording's file is outside its folder");
    Fd opened{::open((folder / file).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};   // a pipe would wait for its writer
    if (!opened) return fail(Errc::not_found, "the recording's file is not there", {}, "not_found");
    struct stat about{};
    if (::fstat(opened.get(), &about) != 0 || !S_ISREG(about.st_mode)) return fail(Errc::not_found, "the recording is no file", {}, "not_found");
    return std::make_shared<Reading>(Reading{.file = std::move(opened), .size = std::uint64_t(about.st_size)});
}

/// Blocks.
Result<std::string> read_piece(Reading const& reading) {
    std::string piece(std::min<std::uint64_t>(piece_bytes, reading.left), '\0');
    for (std::size_t have = 0; have < piece.size();) {
        auto const got = ::pread(reading.file.get(), piece.data() + have, piece.size() - have, off_t(reading.at + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(Errc::unavailable, "a recording's file ended early or cannot be read");
        have += std::size_t(got);
    }
    return piece;
}

Task<Result<std::string>> next_piece(Pool& pool, std::shared_ptr<Reading> reading) {
    if (reading->left == 0) co_return std::string{};
    auto piece = co_await pool.run([reading]() -> Result<std::string> { return read_piece(*reading); });
    if (piece) {
        reading->at += piece->size();
        reading->left -= piece->size();
    }
    co_return piece;
}

/// 200 or 206 with the bytes, 416 without.
http::Response respond(http::Request const& request, Pool& pool, std::shared_ptr<Reading> reading) {
    auto const range = http::byte_range(request, reading->size);
    auto const size = std::to_string(reading->size);
    if (range.kind == http::ByteRange::Kind::unsatisfiable) {
        auto refused = http::problem({Errc::invalid, "the recording has " + size + " bytes", "Range", "range_not_satisfiable"}, request);
        refused.headers.set("Content-Range", "bytes */" + size);
        return refused;
    }
    auto const part = range.kind == http::ByteRange::Kind::part;
    http::Response response{.status = part ? 206 : 200, .headers = {{"Content-Type", "audio/wav"}, {"Accept-Ranges", "bytes"}}};
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("X-Content-Type-Options", "nosniff");
    if (part)
        response.headers.set("Content-Range", "bytes " + std::to_string(range.first) + '-' + std::to_string(range.first + range.count - 1) + '/' + size);
    reading->at = range.first;
    reading->left = range.count;
    response.pieces = http::Pieces{.bytes = range.count, .next = [&pool, reading] { return next_piece(pool, reading); }};
    return response;
}

}  // namespace

/// Whoever comes when all places are taken, or all of its tenant, does not wait for one.
RecordingFiles::RecordingFiles(std::filesystem::path folder, Services& services, std::size_t readers_max)
    : folder_{std::move(folder)}, services_{services}, readers_{services.calls.services().control, {.all = readers_max, .tenant = readers_max / 4}} {}

Task<http::Response> RecordingFiles::answer(http::Request& request) {
    if (!http::reads(request)) co_return http::not_read(request);
    CO_TRY_HTTP(auto const named, read_recording_link(request, services_.master_key.reveal(), services_.clock.now()));
    CO_TRY_HTTP(auto const tenant, co_await services_.store.tenant(named.tenant));
    if (auto const standing = in_good_standing(tenant); !standing) co_return http::problem(standing.error(), request);
    CO_TRY_HTTP(auto const recording, co_await services_.store.recording(named.tenant, named.recording));
    auto place = co_await readers_.take(named.tenant, 1);
    if (!place) co_return http::problem({Errc::unavailable, "too many recordings are being read", {}, "unavailable"}, request);
    auto const open = [folder = folder_, file = recording.file]() -> Result<std::shared_ptr<Reading>> { return open_file(folder, file); };
    auto reading = co_await services_.pool.run(open);
    if (!reading) {
        log_error("api", "a recording cannot be read: " + reading.error().what, {{"recording_id", recording.id.str()}});
        co_return http::problem(reading.error(), request);
    }
    (*reading)->place = *std::move(place);
    co_return respond(request, services_.pool, *std::move(reading));
}

}  // namespace boni::api
