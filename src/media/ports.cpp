#include "media/ports.hpp"

#include "base/crypto.hpp"

namespace boni::media {

Ports::Ports(std::uint16_t first, std::uint16_t last) {
    for (auto port = first + first % 2; port + 1 <= last; port += 2) fresh_.push_back(std::uint16_t(port));
    for (auto i = fresh_.size(); i > 1; --i) std::swap(fresh_[i - 1], fresh_[random_below(std::uint32_t(i))]);
}

std::optional<std::uint16_t> Ports::take(Steady now) {
    std::uint16_t port = 0;
    if (!fresh_.empty()) {
        port = fresh_.back();
        fresh_.pop_back();
    } else if (!used_.empty() && now - used_.front().since >= port_quarantine) {
        port = used_.front().port;
        used_.pop_front();
    } else {
        return {};
    }
    ++in_use_;
    return port;
}

void Ports::give_back(std::uint16_t port, Steady now) {
    used_.push_back({port, now});
    --in_use_;
}

}  // namespace boni::media
