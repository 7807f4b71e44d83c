#include "http/waiting_room.hpp"

#include <utility>

namespace boni::http {

WaitingRoom::Seat::Seat(WaitingRoom& room, Session& session, Address from, Guest guest) : room_{&room}, from_{network_of(from)}, guest_{guest} {
    auto& row = room.crowds_[from_].of(guest);
    at_ = row.insert(row.end(), &session);
}

WaitingRoom::Seat& WaitingRoom::Seat::operator=(Seat&& other) noexcept {
    leave();
    room_ = std::exchange(other.room_, nullptr);
    from_ = other.from_;
    guest_ = other.guest_;
    at_ = other.at_;
    return *this;
}

void WaitingRoom::Seat::leave() {
    if (!room_) return;
    auto const crowd = room_->crowds_.find(from_);
    crowd->second.of(guest_).erase(at_);
    if (crowd->second.unproven.empty() && crowd->second.known.empty()) room_->crowds_.erase(crowd);
    room_ = nullptr;
}

Session* WaitingRoom::who_goes() const {
    for (auto const row : {&Crowd::unproven, &Crowd::known}) {
        Crowd const* largest = nullptr;
        for (auto const& [from, crowd] : crowds_)
            if (!(crowd.*row).empty() && (!largest || (crowd.*row).size() > (largest->*row).size())) largest = &crowd;
        if (largest) return (largest->*row).front();
    }
    return nullptr;
}

}  // namespace boni::http
