// From settings to what each part wants to be built with. Pure, but for the PEM and database paths they name. Thread: main.
#pragma once

#include "app/config.hpp"
#include "egress/policy.hpp"
#include "egress/resolver.hpp"
#include "http/server.hpp"
#include "media/engine.hpp"
#include "sip/endpoint.hpp"
#include "speech/prompt.hpp"

namespace boni::app {

egress::Policy policy_of(Config const& config);
egress::DnsConfig dns_of(std::vector<std::string> const& servers);
speech::PromptConfig prompts_of(SpeechSettings const& settings);
media::EngineConfig media_of(MediaSettings const& settings, RecordingSettings const& recording);
/// `vet` runs on the SIP thread.
sip::EndpointConfig sip_of(Config const& config, std::function<bool(Address const&)> vet);
http::ServerConfig api_door_of(HttpSettings const& settings);

}  // namespace boni::app
