// How much of a request and how long we take, and what is answered beyond (api-semantics 1, step 1). Plain values. Thread: any.
#pragma once

#include <chrono>
#include <cstddef>

namespace boni::http {

struct Limits {
    std::size_t body_bytes_max = 64 * 1024;          ///< 413
    std::size_t headers_bytes_max = 32 * 1024;       ///< request line included; 431
    std::size_t header_bytes_max = 8 * 1024;         ///< one field, name and value; 431
    std::size_t headers_max = 100;                   ///< fields; 431
    std::chrono::milliseconds headers_timeout{10'000};   ///< from the first byte, TLS handshake likewise; 408
    std::chrono::milliseconds body_timeout{15'000};  ///< 408
    std::chrono::milliseconds write_timeout{15'000}; ///< the peer does not read: closed
    std::chrono::milliseconds idle_timeout{60'000};  ///< between requests; closed without a word
    std::size_t connections_max = 1024;              ///< one more takes the place of a silent one; if all are at work, 503
};

}  // namespace boni::http
