// Kept-alive connections that carry no request right now (egress.md 4, "Reuse"). Thread: control. Owner: HttpClient.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "egress/connect.hpp"

namespace boni::egress {

/// The peer's address is the rest of the key: it is compared with the answer of the attempt that wants the connection.
struct PoolKey {
    std::string tenant;
    std::string scheme;
    std::string host;
    std::uint16_t port = 0;
    auto operator<=>(PoolKey const&) const = default;
};

struct Kept {
    std::unique_ptr<Connection> connection;
    Steady born;
    Steady idle_since{};
    int requests = 0;
};

constexpr auto idle_max = 30s;
constexpr auto age_max = 5min;
constexpr int requests_max = 100;
constexpr std::size_t idle_of_key_max = 16;          // what one endpoint may have in flight; the oldest is closed
constexpr std::size_t idle_in_all_max = 1024;        // the connection that comes beyond it is closed

class IdlePool {
  public:
    explicit IdlePool(asio::any_io_executor control);
    IdlePool(IdlePool const&) = delete;

    /// One that is open, young enough and whose peer is in `vetted`. The key's connections to other peers are closed.
    std::optional<Kept> take(PoolKey const& key, std::vector<Address> const& vetted, Steady now);
    void give(PoolKey const& key, Kept kept, Steady now);
    void clear();
    std::size_t size() const { return size_; }

  private:
    void sweep_later();
    void sweep(Steady now);

    std::map<PoolKey, std::list<Kept>> idle_;        ///< the most recent last
    std::size_t size_ = 0;
    asio::steady_timer sweeper_;
    bool sweeping_ = false;
    std::shared_ptr<IdlePool*> alive_ = std::make_shared<IdlePool*>(this);   // a sweep that is due already comes after us: it holds this weakly
};

}  // namespace boni::egress
