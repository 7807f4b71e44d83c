// Sources no trunk matches are told little and less often (sip.md 3.2, 9). Thread: SIP; no sockets, no clock of its own.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/address.hpp"
#include "base/allowance.hpp"

namespace boni::sip {

/// Bounded: sources_max; while that many are active, further ones are ignored altogether.
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

}  // namespace boni::sip
