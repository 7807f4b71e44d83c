// The one operation of Twilio's REST API that bots written for it use: hanging up the call they talk on (media-stream 9).
// Thread: control.
#pragma once

#include "api/api.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace boni::api {

/// Answers every request of a path under "/2010-04-01": POST …/Accounts/{tenant}/Calls/{call}.json as `actions/hangup` does,
/// anything else with Twilio's 404. Never throws; the request must outlive the task.
Task<http::Response> twilio_hangup(Api& api, http::Request& request);

}  // namespace boni::api
