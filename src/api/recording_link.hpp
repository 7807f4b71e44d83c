// The address a recording is read at: signed, good for five minutes, without an API key (api-semantics 8). It is in no log, no event
// and no row. Pure. Thread: any.
#pragma once

#include <string>

#include "api/resource.hpp"
#include "model/recording.hpp"

namespace boni::api {

constexpr auto recording_link_kept = std::chrono::seconds{300};

struct RecordingLink {
    std::string url;                                ///< absolute: below the public URL, else below the host that was asked
    Instant expires_at{};
};
RecordingLink recording_link(Asked const& asked, model::Recording const& recording);

/// What a path "/recordings/{tenant}/{recording}" with its query says, once it is known to be ours: Errc::forbidden when it was not
/// made by us, Errc::invalid `gone` (410) when its time is over, Errc::not_found for another path.
struct RecordingName {
    TenantId tenant;
    RecordingId recording;
};
Result<RecordingName> read_recording_link(http::Request const& request, std::string_view secret, Instant now);

}  // namespace boni::api
