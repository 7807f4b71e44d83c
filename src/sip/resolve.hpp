// From a next hop to the addresses to try, in order (RFC 3263, RFC 2782): literals at once, names by DNS in libre's loop.
// Thread: SIP. NAPTR is not asked: our next hops name their transport.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "sip/re.hpp"

namespace boni::sip {

constexpr std::size_t addresses_max = 8;    // per next hop; more are not tried within the 32 s an INVITE has

class Resolver {
  public:
    /// `servers` empty: those of the system.
    static Result<std::unique_ptr<Resolver>> make(std::vector<Address> servers);

    using Done = std::function<void(Result<std::vector<Address>>)>;
    /// A query in flight; destroying it forgets it, `done` is then not called.
    class Query;
    struct Forget { void operator()(Query* query) const; };
    using Handle = std::unique_ptr<Query, Forget>;

    /// The addresses of `target`, never an empty list; Errc::not_found otherwise. `done` runs on a later turn of the loop, once,
    /// also for a literal. "localhost" is 127.0.0.1 and is not looked up.
    Handle resolve(Target target, Done done);

  private:
    explicit Resolver(re::Ref<struct dnsc> client) : client_{std::move(client)} {}
    re::Ref<struct dnsc> client_;
};

/// The address of a target that needs no look-up: a literal or "localhost".
std::optional<Address> literal(Target const& target);
std::uint16_t default_port(Transport transport);

}  // namespace boni::sip
