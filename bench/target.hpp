// The running boni that a load is put on: where it listens, and its API.
#pragma once

#include <CLI/CLI.hpp>

#include "base/json.hpp"
#include "egress/http_client.hpp"

namespace boni::bench {

struct Target {
    std::string sip, api, key, number_id, number;

    void declare(CLI::App& app) {
        app.add_option("--sip", sip, "host:port")->required();
        app.add_option("--api", api, "http://host:port/v1")->required();
        app.add_option("--key", key, "API key")->required();
        app.add_option("--number-id", number_id)->required();
        app.add_option("--number", number)->required();
    }

    /// The answer's object; {} for an answer without one. Errc::unavailable with what the API said when it refused.
    Task<Result<json::object>> ask(egress::HttpClient& client, std::string method, std::string path, json::object body) const {
        egress::HttpRequest request{.use = egress::Use::http, .method = method, .url = api + path};
        request.headers = {{"X-API-Key", key}, {"Content-Type", "application/json"}};
        request.body = json::serialize(body);
        auto const answer = co_await client.send(std::move(request));
        if (!answer || answer->status >= 300)
            co_return fail(Errc::unavailable, "the API refused " + path + ": " + (answer ? answer->body : answer.error().what));
        auto const value = json::parse(answer->body);
        co_return value && value->is_object() ? value->as_object() : json::object{};
    }
};

}  // namespace boni::bench
