#include "api/idempotency.hpp"

#include <algorithm>

#include "api/body.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"

namespace boni::api {
namespace {

constexpr std::size_t key_size_max = 128;

/// Equal documents at the same resource, however its path is escaped, have equal fingerprints; no default is filled in.
std::string fingerprint(Asked const& asked) {
    return sha256_hex(asked.request.method + '\n' + http::decoded_path(asked.request) + '\n' + json::canonical(asked.body));
}

}  // namespace

Result<std::optional<store::IdempotencyKey>> key_of(Asked const& asked) {
    auto const value = asked.request.headers.get("Idempotency-Key");
    if (!value) return std::nullopt;
    if (asked.request.headers.count("Idempotency-Key") > 1) return wrong("Idempotency-Key", "may be given once");
    auto const visible = std::ranges::all_of(*value, [](char byte) { return byte >= '!' && byte <= '~'; });
    if (value->empty() || value->size() > key_size_max || !visible)
        return wrong("Idempotency-Key", "must be 1 to 128 visible ASCII characters");
    return store::IdempotencyKey{asked.tenant.id, std::string{*value}, fingerprint(asked), asked.now};
}

http::Response replayed(store::StoredAnswer const& answer, http::Request const& request) {
    http::Response response{.status = answer.status, .body = answer.body};
    if (!answer.body.empty()) {
        response.headers.set("Content-Type", "application/json");
        auto document = json::parse(answer.body);
        if (document && document->is_object() && document->get_object().contains("requestId")) {
            document->get_object()["requestId"] = request.id;
            response.body = json::serialize(*document);
        }
    }
    response.headers.set("Idempotent-Replayed", "true");
    return response;
}

std::optional<store::FinishedRequest> finished(Asked const& asked, int status, json::value const* body) {
    if (!asked.key) return std::nullopt;
    return store::FinishedRequest{*asked.key, {status, body ? json::serialize(*body) : std::string{}}};
}

Task<> settle(Asked& asked, Result<Answer> const& answer, http::Response const& response) {
    if (!asked.key) co_return;
    auto const conflict = !answer && response.status == 409;
    if (!answer && !conflict) co_return asked.services.store.abandon_request(*asked.key);
    if (answer && answer->stored) co_return asked.services.store.release_request(*asked.key);
    Result<> written;
    if (answer) {
        written = co_await asked.services.store.finish_request(*finished(asked, answer->status, answer->body ? &*answer->body : nullptr));
    } else {
        written = co_await asked.services.store.finish_request({*asked.key, {response.status, response.body}});
    }
    if (!written) log_error("api", "an idempotency record could not be written: " + written.error().what, {{"request_id", asked.request.id}});
}

}  // namespace boni::api
