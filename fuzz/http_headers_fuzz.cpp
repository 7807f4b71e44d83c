// A request's target, escapes and header values without a connection around them: what is accepted is UTF-8 without NUL, and says the same
// when it is said again.
#include <cstddef>
#include <cstdint>

#include "http/problem.hpp"
#include "http/request.hpp"

using namespace boni;
using namespace boni::http;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    Request request;
    if (read_target(request, text)) {
        ENSURE(request.path.starts_with('/') && text.starts_with(request.path));
        for (auto const& [name, value] : request.query) {
            ENSURE((name + value).find('\0') == std::string::npos);
            ENSURE(json::parse(json::serialize(json::value{name + value})));
            ENSURE(request.query.get(name).has_value() && request.query.count(name) > 0);
        }
    }
    for (auto const plus : {Plus::literal, Plus::space})
        if (auto const decoded = percent_decoded(text, plus)) ENSURE(decoded->size() <= size);
    auto const half = size / 2;
    request.headers.add("Content-Type", std::string{text.substr(0, half)});
    request.headers.add("content-type", std::string{text.substr(half)});
    ENSURE(request.headers.count("CONTENT-TYPE") == 2);
    request.body = text;
    if (auto const document = request.json(); !document) ENSURE(json::parse(problem(document.error(), request).body));
    request.headers.set("Content-Type", "application/json");
    ENSURE(request.headers.size() == 1);
    if (auto const document = request.json()) ENSURE(size == 0 || json::parse(text).has_value());
    return 0;
}
