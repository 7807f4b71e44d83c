// A call's SIP messages as the JSON the store keeps (console-and-dx 6.3). Pure. Thread: any.
#pragma once

#include <string>
#include <vector>

#include "sip/endpoint.hpp"

namespace boni::app {

/// [{"at","direction":"sent"|"received","transport","local","remote","text"}], oldest first.
std::string ladder_json(std::vector<sip::LadderMessage> const& messages);

}  // namespace boni::app
