// Names to addresses, without a search list, hosts file, NSS or cache: one answer lives for one attempt (egress.md 3).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/task.hpp"

namespace boni::egress {

constexpr std::size_t addresses_max = 64;            ///< of one answer, A and AAAA together; more refuse the whole answer

/// Injected so that tests and simulations answer names themselves. Thread: control.
class Resolver {
  public:
    virtual ~Resolver() = default;

    /// A and AAAA of an absolute name, CNAMEs followed, port 0, in the order of the answers; at most `addresses_max` + 1, so that
    /// too many can be told. Not vetted. Errors: Errc::unavailable token `dns` (no such name, no address, no server, too many at
    /// once), Errc::timeout token `dns` after 3 s.
    virtual Task<Result<std::vector<Address>>> resolve(std::string name) = 0;
};

struct DnsConfig {
    std::vector<Address> servers;                    ///< empty: those of /etc/resolv.conf
    std::chrono::milliseconds timeout{3000};         ///< of one resolve
    std::size_t at_once_max = 512;                   ///< one more fails at once (`dns`, retryable): webhooks in flight are 512
};

/// c-ares on the executor's io_context. Owner: App; must outlive whoever awaits it.
class DnsResolver final : public Resolver {
  public:
    /// Throws std::runtime_error when c-ares cannot be set up.
    DnsResolver(asio::any_io_executor control, DnsConfig config = {});
    ~DnsResolver() override;
    DnsResolver(DnsResolver const&) = delete;

    Task<Result<std::vector<Address>>> resolve(std::string name) override;

  private:
    struct Channel;
    std::shared_ptr<Channel> channel_;               // shared with the descriptors' waits, which end after it
};

}  // namespace boni::egress
