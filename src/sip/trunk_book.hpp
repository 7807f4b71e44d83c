// The trunks and how much each may call (sip.md 3.3, 5). Thread: SIP; no sockets, no clock of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/allowance.hpp"
#include "base/clock.hpp"
#include "sip/digest.hpp"
#include "sip/endpoint.hpp"
#include "sip/talk_time.hpp"

namespace boni::sip {

enum class Admitted { yes, no_circuit, too_fast, talked_out };   ///< talked_out: its max_minutes_day

/// The trunks with their health, their live calls and their pace. A trunk that was removed keeps its counts until its calls end.
class TrunkBook {
  public:
    explicit TrunkBook(std::string realm) : realm_{std::move(realm)} {}   ///< of every trunk that is told by its user
    void replace(std::vector<Trunk> trunks);
    /// By certificate name, then by source address; the trunk whose range is narrowest wins.
    Trunk const* match(Address const& source, std::vector<std::string> const& tls_names) const;
    Trunk const* find(std::string_view name) const;
    /// The `digest` trunk of that user and what its password is checked by; of several the first by name.
    struct Proof { Trunk const* trunk; DigestUser user; };
    std::optional<Proof> of_user(std::string_view user) const;
    bool has_users() const;                  ///< some trunk is told by its user

    /// Counts a call against the trunk when it says yes; `over` gives it back.
    Admitted admit_in(std::string const& name, Steady now, Instant today);
    Admitted admit_out(std::string const& name, Steady now, Instant today);
    /// An admitted call was answered.
    void talks(std::string const& name, std::uint64_t call, Steady now);
    void over(std::string const& name, bool incoming, std::uint64_t call, Steady now, Instant today);

    void health(std::string const& name, bool answered);      ///< 3 failures: down, 2 successes: up
    bool up(std::string const& name) const;
    /// Addresses a registering trunk's calls may come from: those its registrar has.
    void registrar_at(std::string const& name, std::vector<Address> addresses);
    /// A registering trunk is up while it is registered; its routes go before every request it carries (RFC 3608).
    void registered(std::string const& name, bool up, std::vector<std::string> service_route,
                    std::vector<std::string> associated);
    std::vector<std::string> service_route(std::string const& name) const;
    std::vector<TrunkState> states(Steady now, Instant today);
    std::vector<Trunk const*> all() const;

  private:
    struct Entry {
        std::optional<Trunk> trunk;          // none: removed, calls still live
        TrunkState state;
        int failures = 0, successes = 0;
        std::optional<Allowance> pace_in, pace_out;
        TalkTime talked;
        std::vector<Address> registrar;
        DigestUser user;                     // of a `digest` trunk
        std::vector<std::string> service_route, associated;   // P-Associated-URI: the numbers the registrar says are ours

        void forget_line();                  // what was learned of a trunk that now is another one
    };
    static Admitted admit(Entry& entry, TrunkLimit const& limit, int& calls, std::optional<Allowance>& pace, Steady now, Instant today);
    std::string realm_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace boni::sip
