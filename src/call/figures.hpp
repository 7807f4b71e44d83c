// What is counted about calls (console-and-dx 6.1). Thread: control; looked up once.
#pragma once

#include <string>
#include <string_view>

#include "base/metrics.hpp"
#include "model/call.hpp"

namespace boni::call::figures {

prometheus::Gauge& active(model::Direction direction, model::Channel channel);
/// Counts a call as active while it stands, however that ends.
class Active {
  public:
    Active(model::Direction direction, model::Channel channel) : gauge_{active(direction, channel)} { gauge_.Increment(); }
    ~Active() { gauge_.Decrement(); }
    Active(Active const&) = delete;
    Active& operator=(Active const&) = delete;

  private:
    prometheus::Gauge& gauge_;
};
void ended(model::Call const& call);                     ///< result, cause and length
prometheus::Histogram& setup_ringing();                  ///< INVITE read -> 180 handed to SIP, seconds
prometheus::Histogram& setup_control_request();          ///< INVITE read -> first control request, seconds
prometheus::Histogram& hang_up();                        ///< hang-up asked for -> BYE handed to SIP, seconds
prometheus::Histogram& mos();
void route_step(std::string_view target, std::string_view result);   ///< ended, failed, declined

}  // namespace boni::call::figures
