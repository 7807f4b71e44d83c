#include "base/bell.hpp"

namespace boni {

Task<> Bell::rung_by(Steady deadline) {
    if (timer_.expiry() != deadline) timer_.expires_at(deadline);   // setting it wakes who waits
    boost::system::error_code rung;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, rung));
}

Task<> Bell::rung_within(std::chrono::steady_clock::duration limit) { return rung_by(std::chrono::steady_clock::now() + limit); }

}  // namespace boni
