// Answers of which nothing is remembered: to strangers, who must not cost us memory, and to what belongs to no session. Thread: SIP.
#pragma once

#include "base/secret.hpp"
#include "sip/message.hpp"
#include "sip/re.hpp"
#include "sip/trunk.hpp"
#include "sip/writer.hpp"

namespace boni::sip {

class Stateless {
  public:
    /// `key`: who has it can foresee our tags.
    explicit Stateless(Secret key) : key_{std::move(key)} {}

    /// The answer to a repetition is the same, its To tag included (RFC 3261 8.2.7). An ACK is never answered.
    void answer(struct sip* sip, struct sip_msg const& request, ResponseLines lines, Headers const& headers, Nat nat) const;
    /// To the source of a datagram, which may be forged: false, and nothing sent, when the answer were longer than twice the request
    /// (sip.md 9).
    bool answer_stranger(struct sip* sip, struct sip_msg const& request, ResponseLines lines, Headers const& headers) const;

  private:
    std::string text(struct sip_msg const& request, ResponseLines lines, Headers const& headers) const;
    Secret key_;
};

}  // namespace boni::sip
