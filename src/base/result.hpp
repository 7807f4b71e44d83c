// The one error type of the product, and how it travels. Thread: any; plain values.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace boni {

/// What kind of failure it was. HTTP maps it in one table (http/problem.cpp).
enum class Errc { malformed, invalid, unauthorized, forbidden, not_found, conflict, limit, timeout, unavailable, internal };

std::string_view name(Errc code);

/// Branch on `code`, log `what`, show `token` and `field` to a customer.
struct Error {
    Errc code = Errc::internal;
    std::string what;     ///< one English sentence: the thing, the expectation
    std::string field{};  ///< JSON path or parameter name, e.g. "fallback[1].url"
    std::string token{};  ///< the public `error` value, e.g. "unsafe_url"; empty: the default of `code`
    std::string detail{}; ///< the public `details[].code`, e.g. "egress_blocked"; empty: same as token
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Errc code, std::string what, std::string field = {}, std::string token = {}) {
    return std::unexpected(Error{code, std::move(what), std::move(field), std::move(token)});
}

#define BONI_CONCAT_(a, b) a##b
#define BONI_CONCAT(a, b) BONI_CONCAT_(a, b)
#define BONI_UNIQUE(prefix) BONI_CONCAT(prefix, __COUNTER__)

#define BONI_TRY(ret, tmp, var, ...)                           \
    auto tmp = (__VA_ARGS__);                                  \
    if (!tmp) ret std::unexpected(std::move(tmp).error());     \
    var = *std::move(tmp)
#define BONI_CHECK(ret, tmp, ...)                              \
    if (auto tmp = (__VA_ARGS__); !tmp) ret std::unexpected(std::move(tmp).error())

/// TRY(auto x, f()) binds the value or returns the error; CHECK_OK(f()) is for Result<void>.
#define TRY(var, ...) BONI_TRY(return, BONI_UNIQUE(try_), var, __VA_ARGS__)
#define CHECK_OK(...) BONI_CHECK(return, BONI_UNIQUE(try_), __VA_ARGS__)
/// The same inside a coroutine.
#define CO_TRY(var, ...) BONI_TRY(co_return, BONI_UNIQUE(try_), var, __VA_ARGS__)
#define CO_CHECK_OK(...) BONI_CHECK(co_return, BONI_UNIQUE(try_), __VA_ARGS__)

[[noreturn]] void ensure_failed(char const* expression, char const* file, int line);

/// For our own mistakes only: aborts with file and line, in every build.
#define ENSURE(expression) ((expression) ? void(0) : ::boni::ensure_failed(#expression, __FILE__, __LINE__))

}  // namespace boni
