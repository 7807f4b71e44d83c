#include "sip/resolve.hpp"

#include "base/crypto.hpp"
#include "sip/text.hpp"

namespace boni::sip {

/// SRV first when the port is open, then A and AAAA of each name it gave, else of the host itself.
class Resolver::Query {
  public:
    Query(struct dnsc* client, Target target, Done done) : client_{client}, target_{std::move(target)}, done_{std::move(done)} {
        tmr_init(&later_);
    }
    ~Query() { tmr_cancel(&later_); }
    Query(Query const&) = delete;

    void start() {
        if (auto const address = literal(target_)) {
            found_.push_back(*address);
            return finish_later();
        }
        if (target_.port) return ask_names({{target_.host, *target_.port}});
        auto const service = target_.transport == Transport::udp ? "_sip._udp." : target_.transport == Transport::tcp ? "_sip._tcp." : "_sips._tcp.";
        if (dnsc_query(srv_.place(), client_, (service + target_.host).c_str(), DNS_TYPE_SRV, DNS_CLASS_IN, true, on_srv, this) != 0) finish_later();
    }

  private:
    struct Name {
        std::string host;
        std::uint16_t port;
    };

    static void on_srv(int, struct dnshdr const*, struct list* answers, struct list*, struct list*, void* arg) {
        auto& self = *static_cast<Query*>(arg);
        self.ask_names(self.names_of(answers));
    }

    std::vector<Name> names_of(struct list* answers) {
        dns_rrlist_sort(answers, DNS_TYPE_SRV, random_below(0xffff'ffff));   // by priority, then by weighted chance
        std::vector<Name> names;
        for (auto const* element = list_head(answers); element && names.size() < addresses_max; element = element->next) {
            auto const& record = *static_cast<struct dnsrr const*>(element->data);
            if (record.type != DNS_TYPE_SRV || !record.rdata.srv.target || record.rdata.srv.port == 0) continue;
            names.push_back({record.rdata.srv.target, record.rdata.srv.port});
        }
        if (names.empty()) names.push_back({target_.host, default_port(target_.transport)});
        return names;
    }

    void ask_names(std::vector<Name> names) {
        names_ = std::move(names);
        ask_next();
    }

    /// One name after the other keeps their order; a name has IPv4 before IPv6.
    void ask_next() {
        if (asked_ == names_.size() || found_.size() >= addresses_max) return finish_later();
        auto const& name = names_[asked_++];
        auto const four = dnsc_query(a_.place(), client_, name.host.c_str(), DNS_TYPE_A, DNS_CLASS_IN, true, on_address, this);
        auto const six = dnsc_query(aaaa_.place(), client_, name.host.c_str(), DNS_TYPE_AAAA, DNS_CLASS_IN, true, on_address, this);
        if (four != 0 && six != 0) ask_next();
    }

    static void on_address(int, struct dnshdr const*, struct list* answers, struct list*, struct list*, void* arg) {
        auto& self = *static_cast<Query*>(arg);
        self.collect(answers);
        if (self.a_ || self.aaaa_) return;   // libre empties the finished one before it calls
        auto const batch = std::exchange(self.batch_, {});
        for (auto const family : {AF_INET, AF_INET6})
            for (auto const& one : batch)
                if (one.family == family && self.found_.size() < addresses_max) self.found_.push_back(one);
        self.ask_next();
    }

    void collect(struct list* answers) {
        auto const port = names_[asked_ - 1].port;
        for (auto const* element = list_head(answers); element; element = element->next) {
            auto const& record = *static_cast<struct dnsrr const*>(element->data);
            struct sa out;
            if (record.type == DNS_TYPE_A) sa_set_in(&out, record.rdata.a.addr, port);
            else if (record.type == DNS_TYPE_AAAA) sa_set_in6(&out, record.rdata.aaaa.addr, port);
            else continue;
            batch_.push_back(re::address(out));
        }
    }

    void finish_later() {
        tmr_start(&later_, 0, [](void* arg) { static_cast<Query*>(arg)->finish(); }, this);
    }

    /// The callee may destroy this query.
    void finish() {
        auto const done = std::move(done_);
        if (found_.empty()) return done(fail(Errc::not_found, "'" + target_.host + "' has no address"));
        done(std::move(found_));
    }

    struct dnsc* client_;
    Target target_;
    Done done_;
    re::Ref<struct dns_query> srv_, a_, aaaa_;
    std::vector<Name> names_;
    std::size_t asked_ = 0;
    std::vector<Address> batch_, found_;
    struct tmr later_;
};

void Resolver::Forget::operator()(Query* query) const { delete query; }

Result<std::unique_ptr<Resolver>> Resolver::make(std::vector<Address> servers) {
    std::vector<struct sa> list;
    for (auto const& one : servers) list.push_back(re::sa(one));
    if (list.empty()) {
        list.resize(4);
        auto count = std::uint32_t(list.size());
        char domain[256];
        if (dns_srv_get(domain, sizeof domain, list.data(), &count) != 0) count = 0;   // no resolv.conf: literals still work
        list.resize(count);
    }
    re::Ref<struct dnsc> client;
    if (dnsc_alloc(client.place(), nullptr, list.data(), std::uint32_t(list.size())) != 0)
        return fail(Errc::unavailable, "the DNS client cannot be set up");
    return std::unique_ptr<Resolver>{new Resolver{std::move(client)}};
}

Resolver::Handle Resolver::resolve(Target target, Done done) {
    Handle query{new Query{client_.get(), std::move(target), std::move(done)}};
    query->start();
    return query;
}

std::optional<Address> literal(Target const& target) {
    auto const port = target.port.value_or(default_port(target.transport));
    if (same_word(target.host, "localhost")) return *Address::parse("127.0.0.1", port);
    if (auto address = Address::parse(target.host, port)) return *address;
    return std::nullopt;
}

std::uint16_t default_port(Transport transport) { return transport == Transport::tls ? 5061 : 5060; }

}  // namespace boni::sip
