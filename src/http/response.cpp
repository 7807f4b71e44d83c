#include "http/response.hpp"

#include <boost/beast/http/status.hpp>

namespace boni::http {

Response json_response(int status, json::value const& document) {
    return {status, {{"Content-Type", "application/json"}}, json::serialize(document)};
}

Response json_response(int status, std::optional<json::value> const& document, std::string link) {
    auto response = document ? json_response(status, *document) : Response{.status = status};
    if (!link.empty()) response.headers.set("Link", std::move(link));
    return response;
}

Response text_response(int status, std::string text, std::string content_type) {
    return {status, {{"Content-Type", std::move(content_type)}}, std::move(text)};
}

std::string_view reason_of(int status) {
    if (status < 100 || status > 999) return "Status";
    auto const known = boost::beast::http::int_to_status(unsigned(status));
    if (known == boost::beast::http::status::unknown) return "Status";
    auto const text = boost::beast::http::obsolete_reason(known);
    return {text.data(), text.size()};
}

}  // namespace boni::http
