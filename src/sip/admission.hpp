// Who may call, and how much (sip.md 3.3, 5, 9): strangers are told little and less often, trunks are held to their limits.
// Thread: SIP; no sockets, no clock of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "sip/digest.hpp"
#include "sip/endpoint.hpp"
#include "sip/talk_time.hpp"

namespace boni::sip {

/// Refills evenly, holds at most one period's worth.
class Allowance {
  public:
    Allowance(double per_second, double burst) : rate_{per_second}, burst_{burst}, left_{burst} {}
    bool take(Steady now);
    bool full(Steady now);                   ///< nothing was taken for long: it can be forgotten

  private:
    void refill(Steady now);
    double rate_, burst_, left_;
    Steady last_{};
};

/// Sources no trunk matches. Bounded: sources_max; while that many are active, further ones are ignored altogether.
class Strangers {
  public:
    enum class Answer { silence, refuse, refuse_late, greet };
    /// What a request deserves: 403 for an INVITE or REGISTER once per 10 s, a bare 200 for OPTIONS as often, else nothing. At
    /// most one small datagram per request, and none for more than 50 requests a second or 20 INVITEs a minute.
    /// Each INVITE or REGISTER is a failure to get in: the fifth within a minute makes the answers late, the twentieth silences the
    /// source for ten minutes (sip.md 3.2). Dialogs and trunks are matched before anybody is a stranger, so a ban does not touch them.
    Answer answer(Address const& source, std::string_view method, Steady now);

    /// It tried so often that it is not heard, whatever it says now.
    bool banned(Address const& source, Steady now) const;
    /// Whether an INVITE without credentials is challenged: 20 a minute and source, as many as come from one that has proved itself.
    bool may_challenge(Address const& source, Steady now);
    /// Good credentials came from there: what failed before is forgotten, and it may ask for as many challenges as it likes for a day.
    void proved(Address const& source, Steady now);

    static constexpr std::size_t sources_max = 10'000;
    static constexpr auto late = 1s;          ///< how late, for refuse_late

  private:
    struct Source {
        Allowance requests{50, 50};
        Allowance invites{20.0 / 60, 20};
        Allowance refusals{0.1, 1};
        Allowance greetings{0.1, 1};
        int failures = 0;
        Steady failures_since{};
        Steady banned_until{};
        Steady proved_until{};

        int failed(Steady now);
        bool forgettable(Steady now);
    };
    Source* known(Address const& source, Steady now);
    std::unordered_map<std::string, Source> sources_;
    Steady swept_{};
};

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
    void talks(std::string const& name, std::uint64_t call, Instant now);
    void over(std::string const& name, bool incoming, std::uint64_t call, Instant now);

    void health(std::string const& name, bool answered);      ///< 3 failures: down, 2 successes: up
    bool up(std::string const& name) const;
    /// Addresses a registering trunk's calls may come from: those its registrar has.
    void registrar_at(std::string const& name, std::vector<Address> addresses);
    /// A registering trunk is up while it is registered; its routes go before every request it carries (RFC 3608).
    void registered(std::string const& name, bool up, std::vector<std::string> service_route,
                    std::vector<std::string> associated);
    std::vector<std::string> service_route(std::string const& name) const;
    std::vector<TrunkState> states(Instant now);
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
    };
    static Admitted admit(Entry& entry, TrunkLimit const& limit, int& calls, std::optional<Allowance>& pace, Steady now, Instant today);
    std::string realm_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace boni::sip
