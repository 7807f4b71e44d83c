#include "stream/speaker.hpp"

#include <algorithm>

namespace boni::stream {
namespace {

constexpr std::size_t piece_samples_max = 1600;  // 200 ms: what is cut by `clear` was handed over, but no more than this at a time

}  // namespace

Speaker::Speaker(ContentType const& type, std::shared_ptr<media::Feed> feed)
    : bytes_per_second_{std::size_t(type.rate) * type.bytes_per_sample()}, decoder_{type}, feed_{std::move(feed)} {}

std::string_view Speaker::say(std::string_view payload) {
    if (bytes_of(samples_waiting_) + payload.size() > payload_waiting_max) return "buffer_overflow";
    auto samples = decoder_.decode(payload);
    if (!samples) return "odd_length";
    queue(std::move(*samples), false);
    return {};
}

void Speaker::queue(std::vector<std::int16_t> samples, bool filler) {
    samples_waiting_ += samples.size();
    std::span<std::int16_t const> rest{samples};
    if (!waiting_.empty() && waiting_.back()->mark == 0 && waiting_.back()->filler == filler) {   // whoever sends a byte a message costs a byte
        auto& last = waiting_.back()->samples;
        auto const part = rest.first(std::min(rest.size(), piece_samples_max - last.size()));
        last.insert(last.end(), part.begin(), part.end());
        rest = rest.subspan(part.size());
    }
    while (!rest.empty()) {
        auto const part = rest.first(std::min(rest.size(), piece_samples_max));
        waiting_.push_back(std::make_unique<media::Piece>(media::Piece{.samples = {part.begin(), part.end()}, .filler = filler}));
        rest = rest.subspan(part.size());
    }
}

std::string_view Speaker::mark(std::string name) {
    if (marks_.size() == marks_waiting_max) return "too_many_marks";
    if (name.size() > mark_name_max) return "mark_name_too_long";
    marks_.emplace_back(++last_mark_, std::move(name));
    if (!waiting_.empty() && waiting_.back()->mark != 0) waiting_.back()->mark = last_mark_;   // at one place one piece stands for all
    else waiting_.push_back(std::make_unique<media::Piece>(media::Piece{.mark = last_mark_}));
    return {};
}

/// Marks that were not handed over yet go through the media thread too, as one piece: it knows what was played, and what the peer says next
/// does not wait behind thousands of them.
void Speaker::clear() {
    feed_->clear();
    decoder_.reset();
    std::erase_if(waiting_, [this](auto const& piece) {
        samples_waiting_ -= piece->samples.size();
        return piece->mark == 0;
    });
    if (!waiting_.empty()) waiting_.erase(waiting_.begin(), std::prev(waiting_.end()));
}

void Speaker::forget() {
    clear();
    waiting_.clear();
    marks_.clear();
}

std::vector<Speaker::Echo> Speaker::turn() {
    std::vector<Echo> echoes;
    while (auto piece = feed_->take_back()) take_back(std::move(piece), echoes);
    while (!waiting_.empty() && feed_->offer(waiting_.front())) waiting_.pop_front();
    return echoes;
}

void Speaker::take_back(std::unique_ptr<media::Piece> piece, std::vector<Echo>& echoes) {
    samples_waiting_ -= piece->samples.size();
    if (!piece->filler) samples_played_ += piece->used;
    for (; !marks_.empty() && marks_.front().first <= piece->mark; marks_.pop_front())   // none, of a socket that is gone
        echoes.push_back({std::move(marks_.front().second), piece->played * 1000 / media::sample_hz});
}

}  // namespace boni::stream
