// One request outside of any session, as OPTIONS and REGISTER are: sent with its transaction, answered to a function.
// Thread: SIP.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sip/digest.hpp"
#include "sip/transport.hpp"
#include "sip/writer.hpp"

namespace boni::sip {

/// A literal next hop as libre takes it; the strings live as long as the object.
class RouteTo {
  public:
    explicit RouteTo(Hop const& hop);
    RouteTo(RouteTo const&) = delete;
    struct uri const* get() const { return &uri_; }

  private:
    std::string host_, params_;
    struct uri uri_;
};

class RequestOut {
  public:
    struct Message {
        std::string method, request_uri;
        std::string text;        ///< of `request_text`
        std::string sent_by;     ///< for its Via
    };
    /// Every response, or an error number and null; on a later turn also when it cannot be sent. The one before is forgotten.
    using Answered = std::function<void(int error, struct sip_msg const* message)>;

    RequestOut() { tmr_init(&later_); }
    ~RequestOut() { forget(); }
    RequestOut(RequestOut const&) = delete;
    void send(Wires& wires, Hop const& hop, Message message, Answered answered);
    void forget();

  private:
    void tell(int error, struct sip_msg const* message);

    Message message_;
    Answered answered_;
    re::Ref<struct sip_request> request_;
    struct tmr later_;
};

std::vector<ChallengeHeader> challenges_of(struct sip_msg const& message);
std::string random_token();      ///< for Call-ID and tags; 96 random bits

}  // namespace boni::sip
