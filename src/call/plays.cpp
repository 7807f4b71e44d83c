#include "call/plays.hpp"

namespace boni::call {

Plays::Turn::Turn(std::shared_ptr<Plays> plays) : plays_{std::move(plays)}, wake_{plays_->where_} { plays_->line_.push_back(this); }

Plays::Turn::~Turn() {
    plays_->line_.remove(this);
    if (!plays_->line_.empty()) plays_->line_.front()->wake_.cancel();
}

bool Plays::Turn::first() const { return plays_->line_.front() == this; }

Task<> Plays::Turn::come() {
    while (!first()) {
        boost::system::error_code woken;
        wake_.expires_at(Steady::max());
        co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

}  // namespace boni::call
