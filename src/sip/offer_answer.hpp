// Offer/answer of one dialog (RFC 3264, 6337): who may say what, and which description is in force. SDP text is opaque here.
// Thread: its owner's.
#pragma once

#include <string>

namespace boni::sip {

class OfferAnswer {
  public:
    enum class State {
        none,            ///< nothing agreed yet, no offer open
        stable,
        offer_sent,
        offer_received,
    };

    State state() const { return state_; }
    bool agreed() const { return agreed_; }               ///< at least one exchange is complete
    bool open() const { return state_ == State::offer_sent || state_ == State::offer_received; }

    /// Each returns false, and changes nothing, when offers and answers would not alternate.
    bool send_offer(std::string sdp);
    bool receive_offer(std::string sdp);
    bool send_answer(std::string sdp);
    bool receive_answer(std::string sdp);
    /// The open offer was refused: the old session stays (RFC 3261 14.1).
    void roll_back();

    std::string const& local() const { return local_; }   ///< in force; empty before the first agreement
    std::string const& remote() const { return remote_; }

  private:
    void agree(std::string local, std::string remote);

    State state_ = State::none;
    bool agreed_ = false;
    std::string local_;
    std::string remote_;
    std::string offered_;
};

}  // namespace boni::sip
