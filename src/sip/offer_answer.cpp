#include "sip/offer_answer.hpp"

#include <utility>

namespace boni::sip {

bool OfferAnswer::send_offer(std::string sdp) {
    if (open()) return false;
    offered_ = std::move(sdp);
    state_ = State::offer_sent;
    return true;
}

bool OfferAnswer::receive_offer(std::string sdp) {
    if (open()) return false;
    offered_ = std::move(sdp);
    state_ = State::offer_received;
    return true;
}

bool OfferAnswer::send_answer(std::string sdp) {
    if (state_ != State::offer_received) return false;
    agree(std::move(sdp), std::exchange(offered_, {}));
    return true;
}

bool OfferAnswer::receive_answer(std::string sdp) {
    if (state_ != State::offer_sent) return false;
    agree(std::exchange(offered_, {}), std::move(sdp));
    return true;
}

void OfferAnswer::roll_back() {
    offered_.clear();
    state_ = agreed_ ? State::stable : State::none;
}

void OfferAnswer::agree(std::string local, std::string remote) {
    local_ = std::move(local);
    remote_ = std::move(remote);
    agreed_ = true;
    state_ = State::stable;
}

}  // namespace boni::sip
