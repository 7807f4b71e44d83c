// Included everywhere and slow to parse; never a header of ours.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

// Used in nearly every file: instantiated here once.
inline boost::asio::any_io_executor precompiled_executor(boost::asio::io_context& io) { return io.get_executor(); }
inline boost::asio::steady_timer precompiled_timer(boost::asio::io_context& io) { return boost::asio::steady_timer{io}; }
