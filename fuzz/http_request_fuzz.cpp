// Requests from anybody, whole and in pieces: no crash, no limit passed, the same answer however the bytes are cut, and what was
// read can be shown in an answer that is itself one clear message.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "http/problem.hpp"
#include "http/request_parser.hpp"
#include "http/wire.hpp"

using namespace boni;
using namespace boni::http;

namespace {

constexpr Limits limits{.body_bytes_max = 512, .headers_bytes_max = 1024, .header_bytes_max = 256, .headers_max = 16};

struct Outcome {
    std::vector<Request> requests;                       // in the order they were complete
    std::string refused;                                 // token; empty: more bytes are needed
};

void check(Request const& request) {
    ENSURE(request.path.starts_with('/') && request.path.size() <= limits.headers_bytes_max);
    ENSURE(request.body.size() <= limits.body_bytes_max && request.headers.size() <= limits.headers_max);
    for (auto const& [name, value] : request.headers) ENSURE(name.size() + value.size() <= limits.header_bytes_max);
    for (auto const& [name, value] : request.query) ENSURE(json::parse(json::serialize(json::value{name + value})));
    auto const document = request.json();
    if (document) return;
    auto const problem = http::problem(document.error(), request);
    ENSURE(json::parse(problem.body));
    auto const bytes = wire(problem, request, {}, After::keep);
    ENSURE(bytes.find("\r\n\r\n") == bytes.size() - (request.method == "HEAD" ? 4 : problem.body.size() + 4));
}

/// As a session reads: what is taken is gone, what is not waits for the next piece.
Outcome read(std::string_view bytes, std::size_t piece) {
    Outcome out;
    std::string unread;
    Request request;
    std::optional<RequestParser> parser{std::in_place, request, limits};
    while (!bytes.empty()) {
        unread += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (std::size_t taken = 1; taken > 0 && !unread.empty();) {
            auto const result = parser->read(unread);
            if (!result) {
                out.refused = token_of(result.error());
                return out;
            }
            taken = *result;
            ENSURE(taken <= unread.size());
            unread.erase(0, taken);
            if (!parser->complete()) continue;
            check(request);
            out.requests.push_back(std::exchange(request, {}));
            parser.emplace(request, limits);
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 1) return 0;
    std::string_view const text{reinterpret_cast<char const*>(data) + 1, size - 1};
    auto const whole = read(text, text.size());
    auto const pieces = read(text, 1 + data[0] % 64);
    // Limits may be noticed at another byte, but nobody may see two different requests in the same bytes.
    for (std::size_t at = 0; at < std::min(whole.requests.size(), pieces.requests.size()); ++at) {
        ENSURE(whole.requests[at].method == pieces.requests[at].method);
        ENSURE(whole.requests[at].path == pieces.requests[at].path);
        ENSURE(whole.requests[at].body == pieces.requests[at].body);
        ENSURE(whole.requests[at].headers.size() == pieces.requests[at].headers.size());
    }
    ENSURE(whole.requests.size() == pieces.requests.size() || whole.refused == "headers_too_large" || pieces.refused == "headers_too_large");
    return 0;
}
