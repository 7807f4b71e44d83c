#include "media/playout.hpp"

#include <algorithm>

#include "media/energy.hpp"

namespace boni::media {
namespace {

constexpr int splice_samples = 40;                 // 5 ms
constexpr std::int64_t silent_square = 100 * 100;   // -50 dBov

bool silent(Frame const& frame) { return energy(frame) < silent_square * std::int64_t(frame.size()); }

}  // namespace

void Playout::frame(Frame& out, Steady now) {
    jitter_.tick(now);
    pull(out);
    auto quiet = silent(out);
    if (quiet && jitter_.may_drop()) {   // one frame less to wait for, where nobody hears it
        jitter_.dropped();
        pull(out);
        quiet = silent(out);
    }
    jitter_.heard_silence(quiet);
}

void Playout::pull(Frame& out) {
    std::span<std::int16_t> rest{out};
    if (jitter_.take_jumped()) fade_ = splice_samples;
    while (!rest.empty()) {
        auto const next = jitter_.take(rest.size());
        piece(next, rest.first(next.samples));
        rest = rest.subspan(next.samples);
    }
}

void Playout::piece(Jitter::Piece const& piece, std::span<std::int16_t> out) {
    using Kind = Jitter::Piece::Kind;
    auto const was_playing = std::exchange(was_playing_, piece.kind != Kind::waiting);
    switch (piece.kind) {
        case Kind::waiting:
            std::ranges::fill(out, std::int16_t{0});
            if (was_playing) {   // after a jump: what was playing ends within 5 ms instead of at once
                auto const tail = out.first(std::min(out.size(), std::size_t(splice_samples)));
                plc_.conceal(tail);
                for (auto left = int(tail.size()); auto& sample : tail) sample = std::int16_t(sample * left-- / int(tail.size()));
            }
            return;
        case Kind::lost: return plc_.conceal(out);
        case Kind::silence: std::ranges::fill(out, std::int16_t{0}); break;
        case Kind::noise: noise_.fill(out, piece.level); break;
        case Kind::audio:
            if (piece.fresh) piece.codec->decode(piece.payload, std::span{decoded_}.first(piece.codec->samples(piece.payload.size())));
            std::copy_n(decoded_.begin() + std::ptrdiff_t(piece.offset), piece.samples, out.begin());
            fade_in(out);
            break;
    }
    plc_.heard(out);
}

void Playout::fade_in(std::span<std::int16_t> out) {
    for (auto& sample : out) {
        if (fade_ == 0) return;
        sample = std::int16_t(sample * (splice_samples - fade_--) / splice_samples);
    }
}

}  // namespace boni::media
