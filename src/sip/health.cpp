#include "sip/health.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "sip/request_out.hpp"

namespace boni::sip {
namespace {

constexpr auto answer_within = 5s;   // four datagrams; the next question comes 10 s later at the earliest
constexpr auto rtt_metric = "boni_trunk_options_rtt_seconds", rtt_help = "OPTIONS until its answer";

}  // namespace

struct Health::Probe {
    Health& health;
    std::string trunk;
    Target target;
    std::chrono::milliseconds every;
    std::string public_address;
    Resolver::Handle resolving{};
    RequestOut request{};
    Steady asked_at{};
    std::uint32_t cseq = 0;
    bool up = true;
    struct tmr next{}, deadline{};

    ~Probe() {
        tmr_cancel(&next);
        tmr_cancel(&deadline);
    }
};

Health::Health(Wires& wires, Resolver& resolver, Clock& clock, TrunkBook& trunks)
    : wires_{wires}, resolver_{resolver}, clock_{clock}, trunks_{trunks} {}
Health::~Health() = default;

void Health::start() {
    std::map<std::string, std::unique_ptr<Probe>> wanted;
    for (auto const* const trunk : trunks_.all()) {
        if (!trunk->asked()) continue;
        auto probe = std::unique_ptr<Probe>{new Probe{*this, trunk->name, trunk->targets.front(), trunk->health_every, trunk->public_address}};
        tmr_init(&probe->next);
        tmr_init(&probe->deadline);
        probe->up = trunks_.up(trunk->name);
        wanted.emplace(trunk->name, std::move(probe));
    }
    for (auto const& [name, probe] : probes_)
        if (!wanted.contains(name)) metrics::forget_histogram(rtt_metric, rtt_help, {{"trunk", name}});
    probes_ = std::move(wanted);
    for (auto& [name, probe] : probes_) ask(*probe);
}

void Health::ask(Probe& probe) {
    probe.asked_at = clock_.steady();
    tmr_start(&probe.deadline, std::uint64_t(std::chrono::milliseconds{answer_within}.count()), [](void* arg) {
        auto& one = *static_cast<Probe*>(arg);
        one.health.outcome(one, false);
    }, &probe);
    probe.resolving = resolver_.resolve(probe.target, [this, &probe](Result<std::vector<Address>> found) {
        if (!found) return outcome(probe, false);
        send(probe, {found->front(), probe.target.transport, probe.target.transport == Transport::tls ? probe.target.host : std::string{}});
    });
}

void Health::send(Probe& probe, Hop hop) {
    auto const we = wires_.sent_by(hop, probe.public_address);
    auto const host = we.substr(0, we.rfind(':'));
    auto const uri = fmt::format("sip:{}:{};transport={}", bracketed(hop.address), hop.address.port, name(hop.transport));
    RequestLines lines{.method = "OPTIONS", .from = fmt::format("<sip:ping@{}>;tag={}", host, random_token()), .to = '<' + uri + '>',
                       .call_id = random_token(), .cseq = ++probe.cseq, .contact = fmt::format("<sip:{};transport={}>", we, name(hop.transport))};
    probe.request.send(wires_, hop, {"OPTIONS", uri, request_text(lines, {.accept = {"application/sdp"}}, {}), we},
                       [this, &probe](int error, struct sip_msg const* message) {
        if (message && message->scode < 200) return;
        outcome(probe, error == 0 && message && message->scode < 500);   // a 4xx comes from somebody who is there
    });
}

void Health::outcome(Probe& probe, bool answered) {
    tmr_cancel(&probe.deadline);
    probe.request.forget();
    probe.resolving.reset();
    trunks_.health(probe.trunk, answered);
    if (answered) {
        auto const seconds = std::chrono::duration<double>(clock_.steady() - probe.asked_at).count();
        std::vector<double> const buckets{0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
        metrics::histogram(rtt_metric, rtt_help, buckets, {{"trunk", probe.trunk}}).Observe(seconds);
    }
    auto const up = trunks_.up(probe.trunk);
    if (std::exchange(probe.up, up) != up)
        log(up ? Level::info : Level::warning, "sip", up ? "trunk is up" : "trunk is down", {{"trunk", probe.trunk}});
    tmr_start(&probe.next, std::uint64_t(probe.every.count()), [](void* arg) {
        auto& one = *static_cast<Probe*>(arg);
        one.health.ask(one);
    }, &probe);
}

}  // namespace boni::sip
