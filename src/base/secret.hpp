// A string that does not print itself. Thread: any.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>

namespace boni {

/// Holds key material; wiped when destroyed, and there is no way to format it. `reveal` is what to search for in review.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_{std::move(value)} {}
    Secret(Secret const&) = default;
    Secret(Secret&& other) noexcept : value_{std::exchange(other.value_, {})} {}
    Secret& operator=(Secret other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Secret() { OPENSSL_cleanse(value_.data(), value_.size()); }

    std::string_view reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

  private:
    std::string value_;
};

}  // namespace boni
