// The grammar of URLs, reduced to what a test can say in one word, and the HTTP client.
#include "support/fake_platform.hpp"

using boni::test::Platform;

namespace boni::egress {

Result<Url> check_url(std::string_view url, Policy const&, Use use, std::string field) {
    auto const scheme = use == Use::wss ? "wss://" : use == Use::http ? "" : "https://";
    if (url.find("127.0.0.1") == url.npos && url.starts_with(scheme)) return Url{};
    return fail(Errc::invalid, "not a public URL", std::move(field), "unsafe_url");
}

struct HttpClient::Inner {};
HttpClient::HttpClient(asio::any_io_executor, Policy const&, Resolver&) {}
HttpClient::~HttpClient() = default;

Task<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
    Platform::now->requests.push_back(request);
    co_await wait_for(Platform::now->answer_after);
    co_return Platform::now->answer(request);
}

std::string_view header_of(HttpResponse const& response, std::string_view name) {
    for (auto const& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

}  // namespace boni::egress
