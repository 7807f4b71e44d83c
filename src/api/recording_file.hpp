// A recording's file on its way to whoever has its signed address: opened and read on the blocking pool, a piece at a time.
//
// Thread: control. Owner: Api.
#pragma once

#include <filesystem>

#include "api/api.hpp"
#include "base/shares.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace boni::api {

class RecordingFiles {
  public:
    /// `folder` holds the files that recordings name; so many are read at once, a quarter of them by one tenant; one more gets 503.
    RecordingFiles(std::filesystem::path folder, Services& services, std::size_t readers_max);

    /// The answer to GET and HEAD of a signed address: 200 or 206, 403 forged or of a tenant that is suspended or disabled, 404, 410 over, 416.
    Task<http::Response> answer(http::Request& request);

  private:
    std::filesystem::path folder_;
    Services& services_;
    Shares readers_;
};

}  // namespace boni::api
