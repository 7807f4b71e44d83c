#include "call/plays.hpp"

namespace boni::call {

Plays::Turn::Turn(std::shared_ptr<Plays> plays) : plays_{std::move(plays)}, moved_{plays_->where_} { plays_->line_.push_back(this); }

Plays::Turn::~Turn() {
    plays_->line_.remove(this);
    if (!plays_->line_.empty()) plays_->line_.front()->moved_.ring();
}

bool Plays::Turn::first() const { return plays_->line_.front() == this; }

Task<> Plays::Turn::come() {
    while (!first()) co_await moved_.rung();
}

}  // namespace boni::call
