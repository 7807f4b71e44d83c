#include "sip/registration.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "sip/reader.hpp"
#include "sip/request_out.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::uint32_t expires_wanted = 300;     // seconds
constexpr std::uint32_t expires_max = 3600;       // a registrar that grants or demands more is asked again after this
constexpr auto idle_max = 600s;                   // of a connection, which libre closes after 900 s in which nothing came
constexpr auto pause_first = 2s;
constexpr auto pause_max = 300s;
constexpr std::size_t routes_kept = 8;

/// The expiry of our binding: of the Contact we sent, or of the only one, which a border in between may have written anew; else of the
/// message (RFC 3261 10.2.4).
std::uint32_t granted_seconds(struct sip_msg const& message, std::string_view contact) {
    auto const values = header_values(message, "Contact", 32);
    for (auto const& value : values) {
        auto const end = value.find('>');
        if ((values.size() > 1 && uri_of(value) != contact) || end == std::string::npos) continue;
        auto const params = re::piece(std::string_view{value}.substr(end + 1));
        struct pl seconds;
        if (msg_param_decode(&params, "expires", &seconds) == 0) return pl_u32(&seconds);
    }
    return message.expires.p ? pl_u32(&message.expires) : expires_wanted;
}

/// Whether a binding made for the one serves the other as it is.
bool same_line(Trunk const& one, Trunk const& other) {
    return one.auth->user == other.auth->user && one.auth->realm == other.auth->realm &&
           same_secret(one.auth->secret.reveal(), other.auth->secret.reveal()) &&
           one.targets == other.targets && one.public_address == other.public_address;
}

}  // namespace

struct Registrations::Binding {
    Registrations& owner;
    Trunk trunk;
    DigestClient digest;
    std::string call_id = random_token(), tag = random_token(), contact{};
    std::uint32_t cseq = 0;
    std::uint32_t expires = expires_wanted;
    std::chrono::milliseconds pause = pause_first;
    bool leaving = false;
    /// Where it may be asked for, each under the name of its target.
    struct Place {
        Hop hop;
        std::string host;
    };
    Place place{};                      // asked last
    std::deque<Place> places_left{};    // of this round
    std::deque<Target> targets_left{};  // to be looked up for it
    Resolver::Handle resolving{};
    RequestOut request{};
    struct tmr next{}, keep{};

    Binding(Registrations& of, Trunk const& with) : owner{of}, trunk{with}, digest{{*with.auth}} {
        tmr_init(&next);
        tmr_init(&keep);
    }
    ~Binding() { rest(); }
    /// A nonce is its registrar's, and what was refused with one may be right with the next.
    void forget_nonces() { digest = DigestClient{{*trunk.auth}}; }
    void rest() {
        tmr_cancel(&next);
        tmr_cancel(&keep);
    }
};

Registrations::Registrations(Wires& wires, Resolver& resolver, TrunkBook& trunks, std::chrono::milliseconds keep_alive)
    : wires_{wires}, resolver_{resolver}, trunks_{trunks}, keep_alive_{keep_alive} {}
Registrations::~Registrations() = default;

void Registrations::start() {
    std::map<std::string, std::unique_ptr<Binding>> wanted;
    for (auto const* const trunk : trunks_.all()) {
        if (trunk->kind != TrunkKind::registering || trunk->targets.empty() || !trunk->auth || withdrawn_) continue;
        auto known = bindings_.extract(trunk->name);
        if (!known.empty() && same_line(known.mapped()->trunk, *trunk)) {
            wanted.insert(std::move(known));
            continue;
        }
        auto const& user = trunk->auth->user;
        std::erase_if(leaving_, [&](auto const& one) { return one->trunk.auth->user == user; });   // it is back
        auto binding = std::make_unique<Binding>(*this, *trunk);
        trunks_.registered(trunk->name, false, {}, {});
        ask(*wanted.emplace(trunk->name, std::move(binding)).first->second);
    }
    if (!withdrawn_)
        for (auto& [name, binding] : bindings_) take_back(std::move(binding));
    bindings_ = std::move(wanted);
}

/// Else its network sends calls here, which nobody takes, until the binding has expired.
void Registrations::take_back(std::unique_ptr<Binding> binding) {
    if (binding->contact.empty()) return;
    binding->rest();
    binding->resolving.reset();
    binding->places_left.clear();
    binding->expires = 0;
    binding->leaving = true;
    send(*leaving_.emplace_back(std::move(binding)));
}

void Registrations::left(Binding const& binding) {
    std::erase_if(leaving_, [&](auto const& one) { return one.get() == &binding; });
}

void Registrations::withdraw() {
    withdrawn_ = true;
    for (auto& [name, binding] : bindings_) {
        binding->rest();
        binding->resolving.reset();
        binding->places_left.clear();
        binding->expires = 0;
        if (!binding->contact.empty()) send(*binding);
    }
}

void Registrations::ask(Binding& binding) {
    binding.places_left.clear();
    binding.targets_left = {binding.trunk.targets.begin(), binding.trunk.targets.end()};
    look_up(binding);
}

/// Target after target, each with all its addresses; calls may then come in from any of them.
void Registrations::look_up(Binding& binding) {
    auto& places = binding.places_left;
    if (binding.targets_left.empty()) {
        std::vector<Address> addresses;
        for (auto const& one : places) addresses.push_back(one.hop.address);
        for (auto& one : addresses) one.port = 0;
        if (!addresses.empty()) trunks_.registrar_at(binding.trunk.name, std::move(addresses));
        auto const last = std::ranges::find(places, binding.place.hop, &Binding::Place::hop);
        if (last != places.end()) std::rotate(places.begin(), last, last + 1);   // where it was asked last comes first
        return try_next(binding);
    }
    auto const target = std::move(binding.targets_left.front());
    binding.targets_left.pop_front();
    binding.resolving = resolver_.resolve(target, [this, &binding, target](Result<std::vector<Address>> found) {
        auto const tls_name = target.transport == Transport::tls ? target.host : std::string{};
        if (found)
            for (auto const& address : *found) binding.places_left.push_back({{address, target.transport, tls_name}, target.host});
        look_up(binding);
    });
}

void Registrations::try_next(Binding& binding) {
    if (binding.places_left.empty()) return failed(binding);
    if (binding.place.hop != binding.places_left.front().hop) binding.forget_nonces();
    binding.place = std::move(binding.places_left.front());
    binding.places_left.pop_front();
    send(binding);
}

void Registrations::send(Binding& binding) {
    auto const& [hop, host] = binding.place;
    auto const address = Address::parse(host, 0);
    auto const domain = address ? bracketed(*address) : host;
    auto const& user = binding.trunk.auth->user;
    auto const we = wires_.sent_by(hop, binding.trunk.public_address);
    binding.contact = fmt::format("sip:{}@{};transport={}", user, we, name(hop.transport));
    auto const uri = "sip:" + domain;
    RequestLines lines{.method = "REGISTER", .from = fmt::format("<sip:{}@{}>;tag={}", user, domain, binding.tag),
                       .to = fmt::format("<sip:{}@{}>", user, domain), .call_id = binding.call_id, .cseq = ++binding.cseq,
                       .contact = '<' + binding.contact + '>', .credentials = binding.digest.authorise("REGISTER", uri),
                       .extra = {{"Expires", std::to_string(binding.expires)}}};
    binding.request.send(wires_, hop, {"REGISTER", uri, request_text(lines, {.supported = {"path"}}, {}), we},
                         [this, &binding](int, struct sip_msg const* message) {
        if (!message) return try_next(binding);
        if (message->scode >= 200) answered(binding, *message);
    });
}

void Registrations::answered(Binding& binding, struct sip_msg const& message) {
    if (message.scode == 401 || message.scode == 407) {
        if (binding.digest.challenged(challenges_of(message))) return send(binding);
        log_error("sip", "the registrar refuses our credentials", {{"trunk", binding.trunk.name}});
        return failed(binding);
    }
    binding.digest.accepted();
    if (binding.leaving) return left(binding);
    if (message.scode < 300) return granted(binding, message);
    if (message.scode == 423) {
        auto const demanded = header(message, "Min-Expires");
        auto const text = re::piece(demanded);
        auto const seconds = pl_u32(&text);
        if (seconds > binding.expires && seconds <= expires_max) {
            binding.expires = seconds;
            return send(binding);
        }
    }
    if (message.scode == 408 || message.scode / 100 == 5) return try_next(binding);   // it cannot; what it will not, no other will
    failed(binding);
}

void Registrations::granted(Binding& binding, struct sip_msg const& message) {
    if (withdrawn_) return;
    auto const seconds = std::clamp<std::uint32_t>(granted_seconds(message, binding.contact), 2, expires_max);
    binding.pause = pause_first;
    auto const values = [&](char const* name) { return header_values(message, name, routes_kept); };
    trunks_.registered(binding.trunk.name, true, values("Service-Route"), values("P-Associated-URI"));
    auto const pause = std::chrono::milliseconds{seconds * 800};
    again_after(binding, binding.place.hop.transport == Transport::udp ? pause : std::min<std::chrono::milliseconds>(pause, idle_max));
    keep_open(binding);
}

void Registrations::keep_open(Binding& binding) {
    tmr_start(&binding.keep, std::uint64_t(keep_alive_.count()), [](void* arg) {
        auto& one = *static_cast<Binding*>(arg);
        auto const& hop = one.place.hop;
        auto const to = re::sa(hop.address);
        if (auto const stack = one.owner.wires_.stack_for(hop))
            sip_send(*stack, nullptr, re::transport(hop.transport), &to, re::buffer(keep_alive_text).get());
        one.owner.keep_open(one);
    }, &binding);
}

/// 2 s, 4 s ... 300 s, each up to a quarter longer so that many lines do not come back together.
void Registrations::failed(Binding& binding) {
    if (binding.leaving) return left(binding);
    tmr_cancel(&binding.keep);
    binding.forget_nonces();
    trunks_.registered(binding.trunk.name, false, {}, {});
    if (withdrawn_) return;
    auto const pause = binding.pause + std::chrono::milliseconds{random_below(std::uint32_t(binding.pause.count() / 4))};
    binding.pause = std::min<std::chrono::milliseconds>(binding.pause * 2, pause_max);
    again_after(binding, pause);
}

void Registrations::again_after(Binding& binding, std::chrono::milliseconds pause) {
    tmr_start(&binding.next, std::uint64_t(pause.count()), [](void* arg) {
        auto& one = *static_cast<Binding*>(arg);
        one.owner.ask(one);
    }, &binding);
}

}  // namespace boni::sip
