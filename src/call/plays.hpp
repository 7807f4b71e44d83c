// Who speaks to the caller next: plays run one after the other, in the order they were admitted (api-semantics 9).
//
// Thread: control. Owner: Call, shared with the turns it gave out, which may die after it.
#pragma once

#include <list>
#include <memory>

#include "base/bell.hpp"
#include "call/action.hpp"

namespace boni::call {

class Plays {
  public:
    static constexpr std::size_t waiting_max = 16;    ///< behind the one that plays; one more is 409 play_queue_full

    explicit Plays(asio::any_io_executor where) : where_{where} {}

    /// A place in the line; leaving it (destruction) lets the next one speak.
    class Turn final : public Place {
      public:
        Turn(std::shared_ptr<Plays> plays);
        ~Turn() override;
        bool first() const;
        Task<> come();                                ///< returns when it is this one's turn

      private:
        friend class Plays;
        std::shared_ptr<Plays> plays_;
        Bell moved_;                                  ///< rings when it is the first
    };

    bool full() const { return line_.size() > waiting_max; }
    bool idle() const { return line_.empty(); }
    static std::unique_ptr<Turn> enter(std::shared_ptr<Plays> plays) { return std::make_unique<Turn>(std::move(plays)); }

  private:
    asio::any_io_executor where_;
    std::list<Turn*> line_;
};

}  // namespace boni::call
