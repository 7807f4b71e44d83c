// The connections that wait for their peer, so that one of them can give its place to a new one when there are too many.
//
// Thread: control. Owner: the sessions share it with their server. Whoever opens a thousand connections and says nothing on them, or
// a byte now and then, loses them to those who come to ask something; a request that runs is never given up.
#pragma once

#include <cstddef>
#include <list>
#include <map>

#include "base/address.hpp"

namespace boni::http {

class Session;

class WaitingRoom {
  public:
    /// `unproven`: nothing was ever asked on this connection; those go first.
    enum class Guest { unproven, known };

    /// Leaves when destroyed.
    class Seat {
      public:
        Seat() = default;
        Seat(WaitingRoom& room, Session& session, Address from, Guest guest);
        Seat(Seat&& other) noexcept { *this = std::move(other); }
        Seat& operator=(Seat&& other) noexcept;
        ~Seat() { leave(); }

      private:
        void leave();
        WaitingRoom* room_ = nullptr;
        Address from_;
        Guest guest_ = Guest::unproven;
        std::list<Session*>::iterator at_;
    };

    /// The one that has waited longest of the network that has most of the kind that goes first; null when all are at work.
    Session* who_goes() const;

  private:
    struct Crowd {
        std::list<Session*> unproven, known;              // longest waiting first
        std::list<Session*>& of(Guest guest) { return guest == Guest::unproven ? unproven : known; }
    };
    std::map<Address, Crowd> crowds_;                     // by network; an empty crowd is removed
};

}  // namespace boni::http
