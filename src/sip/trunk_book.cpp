#include "sip/trunk_book.hpp"

#include <algorithm>

#include "base/metrics.hpp"

namespace boni::sip {
namespace {

constexpr int failures_to_down = 3;
constexpr int successes_to_up = 2;

constexpr auto up_metric = "boni_trunk_up", up_help = "1 while the trunk answers";

void show(TrunkState const& state) { metrics::gauge(up_metric, up_help, {{"trunk", state.name}}).Set(state.up ? 1 : 0); }

DigestUser digest_user(Login const& login, std::string_view realm) {
    auto const ha1 = [&](DigestAlgorithm algorithm) { return digest_ha1(algorithm, login.user, realm, login.secret.reveal()); };
    return {.md5 = ha1(DigestAlgorithm::md5), .sha256 = ha1(DigestAlgorithm::sha256)};
}

}  // namespace

void TrunkBook::replace(std::vector<Trunk> trunks) {
    std::map<std::string, TrunkKind, std::less<>> kinds;
    for (auto& [name, entry] : entries_)
        if (auto const was = std::exchange(entry.trunk, {})) kinds.emplace(name, was->kind);
    for (auto& trunk : trunks) {
        auto& entry = entries_[trunk.name];
        auto const was = kinds.find(trunk.name);
        if (was == kinds.end() || was->second != trunk.kind) entry.forget_line();
        if (!trunk.asked() && trunk.kind != TrunkKind::registering) entry.state.up = true;   // nothing would ever say so
        entry.state.name = trunk.name;
        auto const pace = [](int cps) { return cps > 0 ? std::optional{Allowance{double(cps), double(cps)}} : std::nullopt; };
        entry.pace_in = pace(trunk.in.cps);
        entry.pace_out = pace(trunk.out.cps);
        entry.user = trunk.kind == TrunkKind::digest ? digest_user(*trunk.auth, realm_) : DigestUser{};
        entry.trunk = std::move(trunk);
        show(entry.state);
    }
    for (auto const& [name, entry] : entries_)
        if (!entry.trunk) metrics::forget_gauge(up_metric, up_help, {{"trunk", name}});
    std::erase_if(entries_, [](auto const& one) { return !one.second.trunk && one.second.state.calls_in + one.second.state.calls_out == 0; });
}

void TrunkBook::Entry::forget_line() {
    state.up = true;
    failures = successes = 0;
    registrar.clear();
    service_route.clear();
    associated.clear();
}

Trunk const* TrunkBook::match(Address const& source, std::vector<std::string> const& tls_names) const {
    auto const shown = [&](std::string const& one) { return std::ranges::find(tls_names, one) != tls_names.end(); };
    for (auto const& [name, entry] : entries_)
        if (entry.trunk && std::ranges::any_of(entry.trunk->tls_names, shown)) return &*entry.trunk;
    Trunk const* best = nullptr;
    int narrowest = -1;
    for (auto const& [name, entry] : entries_) {
        if (!entry.trunk) continue;
        for (auto const& range : entry.trunk->addresses)
            if (range.prefix > narrowest && range.contains(source)) {
                best = &*entry.trunk;
                narrowest = range.prefix;
            }
        auto const same = [&](Address const& one) { return same_ip(one, source); };
        if (!best && std::ranges::any_of(entry.registrar, same)) best = &*entry.trunk;
    }
    return best;
}

Trunk const* TrunkBook::find(std::string_view name) const {
    auto const found = entries_.find(name);
    return found == entries_.end() || !found->second.trunk ? nullptr : &*found->second.trunk;
}

std::optional<TrunkBook::Proof> TrunkBook::of_user(std::string_view user) const {
    for (auto const& [name, entry] : entries_)
        if (entry.trunk && entry.trunk->kind == TrunkKind::digest && entry.trunk->auth->user == user) return Proof{&*entry.trunk, entry.user};
    return std::nullopt;
}

bool TrunkBook::has_users() const {
    return std::ranges::any_of(entries_, [](auto const& one) { return one.second.trunk && one.second.trunk->kind == TrunkKind::digest; });
}

Admitted TrunkBook::admit(Entry& entry, TrunkLimit const& limit, int& calls, std::optional<Allowance>& pace, Steady now, Instant today) {
    if (auto const most = entry.trunk->max_minutes_day; most > 0 && entry.talked.minutes(now, today) >= most) return Admitted::talked_out;
    if (limit.channels > 0 && calls >= limit.channels) return Admitted::no_circuit;
    if (pace && !pace->take(now)) return Admitted::too_fast;
    ++calls;
    return Admitted::yes;
}

Admitted TrunkBook::admit_in(std::string const& name, Steady now, Instant today) {
    auto& entry = entries_.at(name);
    return admit(entry, entry.trunk->in, entry.state.calls_in, entry.pace_in, now, today);
}

Admitted TrunkBook::admit_out(std::string const& name, Steady now, Instant today) {
    auto& entry = entries_.at(name);
    return admit(entry, entry.trunk->out, entry.state.calls_out, entry.pace_out, now, today);
}

void TrunkBook::talks(std::string const& name, std::uint64_t call, Steady now) {
    if (auto const found = entries_.find(name); found != entries_.end()) found->second.talked.began(call, now);
}

void TrunkBook::over(std::string const& name, bool incoming, std::uint64_t call, Steady now, Instant today) {
    auto const found = entries_.find(name);
    if (found == entries_.end()) return;
    found->second.talked.ended(call, now, today);
    auto& state = found->second.state;
    --(incoming ? state.calls_in : state.calls_out);
    if (!found->second.trunk && state.calls_in + state.calls_out == 0) entries_.erase(found);
}

void TrunkBook::health(std::string const& name, bool answered) {
    auto const found = entries_.find(name);
    if (found == entries_.end()) return;
    auto& entry = found->second;
    entry.failures = answered ? 0 : entry.failures + 1;
    entry.successes = answered ? entry.successes + 1 : 0;
    if (entry.failures >= failures_to_down) entry.state.up = false;
    if (entry.successes >= successes_to_up) entry.state.up = true;
    show(entry.state);
}

bool TrunkBook::up(std::string const& name) const {
    auto const found = entries_.find(name);
    return found != entries_.end() && found->second.state.up;
}

void TrunkBook::registrar_at(std::string const& name, std::vector<Address> addresses) {
    if (auto const found = entries_.find(name); found != entries_.end()) found->second.registrar = std::move(addresses);
}

void TrunkBook::registered(std::string const& name, bool up, std::vector<std::string> service_route, std::vector<std::string> associated) {
    auto const found = entries_.find(name);
    if (found == entries_.end()) return;
    auto& entry = found->second;
    entry.state.up = up;
    entry.service_route = std::move(service_route);
    entry.associated = std::move(associated);
    if (entry.trunk) show(entry.state);
}

std::vector<std::string> TrunkBook::service_route(std::string const& name) const {
    auto const found = entries_.find(name);
    return found == entries_.end() ? std::vector<std::string>{} : found->second.service_route;
}

std::vector<TrunkState> TrunkBook::states(Steady now, Instant today) {
    std::vector<TrunkState> states;
    for (auto& [name, entry] : entries_) {
        if (!entry.trunk) continue;
        states.push_back(entry.state);
        states.back().minutes_today = entry.talked.minutes(now, today);
    }
    return states;
}

std::vector<Trunk const*> TrunkBook::all() const {
    std::vector<Trunk const*> trunks;
    for (auto const& [name, entry] : entries_)
        if (entry.trunk) trunks.push_back(&*entry.trunk);
    return trunks;
}

}  // namespace boni::sip
