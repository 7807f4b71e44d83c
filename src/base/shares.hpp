// Something scarce that tenants take turns in: bytes of audio on their way, loads at once. One tenant has at most its share, and what
// does not fit waits for a bounded time. Thread: control, except where a Place says otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "base/id.hpp"
#include "base/task.hpp"

namespace boni {

struct ShareLimits {
    std::size_t all = 0;                  ///< units that are taken at once, by everybody together
    std::size_t tenant = 0;               ///< of them by one tenant; at most `all`
    std::chrono::milliseconds patience{}; ///< how long a request waits
    std::size_t waiting_max = 0;          ///< requests that wait, of everybody; of one tenant a quarter of it
};

class Shares {
    struct State;

  public:
    /// What was taken; gives it back when it is destroyed, on any thread, also after the Shares.
    class Place {
      public:
        Place() = default;
        Place(Place&&) noexcept = default;
        Place& operator=(Place&& other) noexcept;
        ~Place() { give_back(0); }
        /// Gives back what is beyond `units`.
        void shrink(std::size_t units) { give_back(units); }

      private:
        friend class Shares;
        void give_back(std::size_t rest);
        std::weak_ptr<State> state_;
        std::string tenant_;
        std::size_t units_ = 0;
    };

    Shares(asio::any_io_executor control, ShareLimits limits);

    /// Waits until `units` are free and the tenant's share has room for them; more than a share counts as the whole share. Of those
    /// that wait the tenant that holds the least is next, then who came first; nothing small overtakes what is large.
    /// Errc::limit token "overloaded" when the patience ends, or at once when too many wait.
    Task<Result<Place>> take(TenantId tenant, std::size_t units);

    std::size_t taken() const;
    std::size_t waiting() const;

  private:
    std::shared_ptr<State> state_;   // shared with places only weakly, and with requests that wait
};

}  // namespace boni
