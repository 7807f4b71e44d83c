// What each event of a call adds to model::event_fields (events-and-webhooks 2). Plain values; any thread.
#pragma once

#include <string>
#include <string_view>

#include "call/ending.hpp"
#include "model/call.hpp"
#include "sip/endpoint.hpp"

namespace boni::call::events {

constexpr std::size_t text_bytes_max = 1024;   ///< free text inside an event is cut here, never inside a UTF-8 sequence

std::string cut(std::string_view text, std::size_t bytes_max = text_bytes_max);

/// What its row of the timeline shows as well: a SIP message in short (console-and-dx 6.3).
json::object sip_answer(int status);                         ///< to the caller's INVITE; 0: the INVITE itself
/// The message that ended the call, who sent it, with which Reason, and why in words.
json::object sip_end(Ending const& ending, bool answered);

json::object received(sip::Incoming const& incoming, model::Call const& call);
json::object ringing_caller();
json::object answered(model::Call const& call, std::string_view by, double ring_seconds);
json::object action_accepted(model::Action const& action);
/// Terminal fields; `target` and `index`: where the call was last, empty when it reached none.
json::object ended(model::Call const& call, Ending const& ending, std::string_view target, std::size_t index);

}  // namespace boni::call::events
