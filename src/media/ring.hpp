// A bounded queue between threads without locks (D. Vyukov's array queue). Full: `push` refuses and the value stays the caller's.
// Nothing allocates after construction. Thread: any number on either side.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>

namespace boni::media {

template <class T>
class Ring {
  public:
    /// `capacity` is rounded up to a power of two.
    explicit Ring(std::size_t capacity) : mask_{std::bit_ceil(capacity) - 1}, cells_{std::make_unique<Cell[]>(mask_ + 1)} {
        for (auto i = 0uz; i <= mask_; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
    }

    bool push(T&& value) {
        auto at = head_.load(std::memory_order_relaxed);
        for (;;) {
            auto& cell = cells_[at & mask_];
            auto const ahead = std::intptr_t(cell.turn.load(std::memory_order_acquire)) - std::intptr_t(at);
            if (ahead < 0) return false;
            if (ahead > 0) {
                at = head_.load(std::memory_order_relaxed);
            } else if (head_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
                cell.value = std::move(value);
                cell.turn.store(at + 1, std::memory_order_release);
                return true;
            }
        }
    }

    bool pop(T& out) {
        auto at = tail_.load(std::memory_order_relaxed);
        for (;;) {
            auto& cell = cells_[at & mask_];
            auto const ahead = std::intptr_t(cell.turn.load(std::memory_order_acquire)) - std::intptr_t(at + 1);
            if (ahead < 0) return false;
            if (ahead > 0) {
                at = tail_.load(std::memory_order_relaxed);
            } else if (tail_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
                out = std::move(cell.value);
                cell.turn.store(at + mask_ + 1, std::memory_order_release);
                return true;
            }
        }
    }

    /// Where one thread pops: that nothing is there now.
    bool empty() const {
        auto const at = tail_.load(std::memory_order_relaxed);
        return std::intptr_t(cells_[at & mask_].turn.load(std::memory_order_acquire)) - std::intptr_t(at + 1) < 0;
    }

  private:
    struct Cell {
        std::atomic<std::size_t> turn{0};
        T value{};
    };
    std::size_t mask_;
    std::unique_ptr<Cell[]> cells_;
    alignas(64) std::atomic<std::size_t> head_{0};   // apart, so that the two sides do not fight for one cache line
    alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace boni::media
