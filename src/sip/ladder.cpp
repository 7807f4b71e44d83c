#include "sip/ladder.hpp"

#include <fmt/format.h>

#include "sip/redact.hpp"

namespace boni::sip {

void Ladder::add(Instant at, bool sent, Transport transport, Address const& local, Address const& remote, std::string_view text) {
    last_ = at;
    auto shown = redact(text);
    if (dropped_ > 0 || bytes_ + shown.size() > ladder_bytes_max) {
        ++dropped_;
        return;
    }
    bytes_ += shown.size();
    messages_.push_back({at, sent, transport, local, remote, std::move(shown)});
}

std::vector<LadderMessage> Ladder::take() {
    if (dropped_ > 0) messages_.push_back({.at = last_, .text = fmt::format("{} more messages were not kept", dropped_)});
    bytes_ = dropped_ = 0;
    return std::exchange(messages_, {});
}

}  // namespace boni::sip
