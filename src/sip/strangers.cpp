#include "sip/strangers.hpp"

#include "base/metrics.hpp"

namespace boni::sip {
namespace {

constexpr int failures_to_wait = 5;     // per minute
constexpr int failures_to_ban = 20;
constexpr auto ban = 10min;
constexpr auto proof_lasts = 24h;

}  // namespace

Strangers::Answer Strangers::answer(Address const& source, std::string_view method, Steady now) {
    auto* const from = known(source, now);
    if (!from || now < from->banned_until || !from->requests.take(now)) return Answer::silence;
    if (method == "OPTIONS") return from->greetings.take(now) ? Answer::greet : Answer::silence;
    if (method != "INVITE" && method != "REGISTER") return Answer::silence;
    auto const failures = from->failed(now);
    if (failures >= failures_to_ban) {
        from->banned_until = now + ban;
        metrics::counter("boni_sip_bans_total", "Unknown sources that tried so often that they are ignored for ten minutes").Increment();
        return Answer::silence;
    }
    if (!from->invites.take(now) || !from->refusals.take(now)) return Answer::silence;
    return failures >= failures_to_wait ? Answer::refuse_late : Answer::refuse;
}

bool Strangers::banned(Address const& source, Steady now) const {
    auto const found = sources_.find(network_of(source).ip_text());
    return found != sources_.end() && now < found->second.banned_until;
}

bool Strangers::may_challenge(Address const& source, Steady now) {
    auto* const from = known(source, now);
    if (!from || now < from->banned_until || !from->requests.take(now)) return false;
    return now < from->proved_until || from->invites.take(now);
}

void Strangers::proved(Address const& source, Steady now) {
    if (auto* const from = known(source, now)) {
        from->failures = 0;
        from->proved_until = now + proof_lasts;
    }
}

/// Null when too many are known: a flood of forged sources must not make every packet costly.
Strangers::Source* Strangers::known(Address const& source, Steady now) {
    auto const name = network_of(source).ip_text();
    if (auto const found = sources_.find(name); found != sources_.end()) return &found->second;
    if (sources_.size() >= sources_max && now - swept_ >= 1s) {
        swept_ = now;
        for (auto one = sources_.begin(); one != sources_.end();) one = one->second.forgettable(now) ? sources_.erase(one) : std::next(one);
    }
    return sources_.size() >= sources_max ? nullptr : &sources_.emplace(name, Source{}).first->second;
}

int Strangers::Source::failed(Steady now) {
    if (now - failures_since >= 1min) {
        failures = 0;
        failures_since = now;
    }
    return ++failures;
}

bool Strangers::Source::forgettable(Steady now) {
    auto const innocent = now >= banned_until && now >= proved_until && now - failures_since >= 1min;
    return innocent && requests.full(now) && invites.full(now) && refusals.full(now) && greetings.full(now);
}

}  // namespace boni::sip
