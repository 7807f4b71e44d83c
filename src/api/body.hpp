// What a request says, against the contract: one function per shape that its schemas have, each naming the field it refuses.
//
// 400 (Errc::malformed, validation_failed): it does not match the contract. 422 (Errc::invalid): it matches, but api-semantics 4
// does not allow it. An absent optional field passes; `null` does not. Pure. Thread: any.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace boni::api {

std::unexpected<Error> wrong(std::string field, std::string_view expectation);                  ///< 400
std::unexpected<Error> refused(std::string field, std::string what, std::string_view token);    ///< 422

enum class Presence { optional, required };

Result<> check_text(json::object const& in, std::string_view name, Presence presence, std::string_view at = "");
Result<> check_boolean(json::object const& in, std::string_view name, std::string_view at = "");
Result<> check_object(json::object const& in, std::string_view name, Presence presence, std::string_view at = "");
/// One of the contract's event types.
Result<> check_event(json::value const& event, std::string const& field);
/// An array of them.
Result<> check_events(json::object const& in, std::string_view name, Presence presence, std::string_view at = "");

/// De-duplicated, order kept. 422 `limit_exceeded` unless 1 to 32.
Result<std::vector<std::string>> events_of(json::object const& in, std::string_view name, std::string_view at = "");
/// 4 KiB serialised, depth 5, 50 keys; 422 `limit_exceeded`.
Result<> check_metadata(json::object const& metadata, std::string_view field);

}  // namespace boni::api
