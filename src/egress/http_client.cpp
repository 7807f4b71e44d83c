#include "egress/http_client.hpp"

#include <algorithm>
#include <cctype>

#include "base/ascii.hpp"
#include "egress/connect.hpp"
#include "egress/exchange.hpp"
#include "egress/idle_pool.hpp"

namespace boni::egress {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds just_before{20};           // the limit's timer, which began a turn of the loop earlier

bool token_bytes(std::string_view text) {   // RFC 9110 5.6.2
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](unsigned char c) { return std::isalnum(c) || marks.find(char(c)) != marks.npos; });
}

/// Ours are not for the caller to set; a value with a line break would be a second header.
Result<> check_own(HttpRequest const& request) {
    constexpr std::string_view ours[] = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "upgrade"};
    auto const bad = [](std::string what) { return fail(Errc::internal, std::move(what), {}, "invalid_request"); };
    if (!token_bytes(request.method)) return bad("not an HTTP method");
    for (auto const& [name, value] : request.headers) {
        if (!token_bytes(name)) return bad("not a header name");
        if (std::ranges::any_of(ours, [&](std::string_view own) { return same_word(own, name); }))
            return bad("the header " + name + " is the client's own");
        if (value.find_first_of(std::string_view{"\r\n\0", 3}) != value.npos) return bad("a header value with a line break");
    }
    return {};
}

/// Who asked is gone. Is counted by holding the last, as long as it goes on.
Task<> hear_late(std::unique_ptr<Connection> connection, std::function<void(int)> tell, std::shared_ptr<int>) {
    if (auto const status = co_await late_answer(*connection); status != 0) tell(status);
}

}  // namespace

std::string_view header_of(HttpResponse const& response, std::string_view name) {
    auto const found = std::ranges::find_if(response.headers, [&](auto const& field) { return same_word(field.first, name); });
    return found == response.headers.end() ? std::string_view{} : std::string_view{found->second};
}

struct HttpClient::Inner {
    Inner(asio::any_io_executor control, Policy const& p, Resolver& r, Dialer* d) : policy{p}, resolver{r}, dialer{d ? *d : tcp}, idle{control} {}

    Policy const& policy;
    Resolver& resolver;
    TcpDialer tcp;
    Dialer& dialer;
    ssl::context tls = make_tls(policy.ca_file);
    IdlePool idle;

    Task<Result<HttpResponse>> attempt(HttpRequest request, Url url);
    Task<Result<HttpResponse>> over(Kept kept, PoolKey key, HttpRequest const& request, Url const& url, HttpTimings& times, Progress& progress,
                                    steady_clock::time_point started);
    std::shared_ptr<int> late = std::make_shared<int>();   ///< shared by what waits for a late answer, and so counts it
};

HttpClient::HttpClient(asio::any_io_executor control, Policy const& policy, Resolver& resolver)
    : inner_{std::make_unique<Inner>(control, policy, resolver, nullptr)} {}
HttpClient::HttpClient(asio::any_io_executor control, Policy const& policy, Resolver& resolver, Dialer& dialer)
    : inner_{std::make_unique<Inner>(control, policy, resolver, &dialer)} {}
HttpClient::~HttpClient() = default;

Task<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
    if (request.timings) *request.timings = {};
    CO_CHECK_OK(check_own(request));
    auto url = check_url(request.url, inner_->policy, request.use);
    if (!url) co_return fail(Errc::forbidden, "the destination is not allowed", {}, "egress_blocked");
    auto const limit = request.total_timeout;
    auto answer = co_await within(limit, inner_->attempt(std::move(request), *std::move(url)));
    if (!answer && answer.error().code == Errc::timeout && answer.error().token.empty()) answer.error().token = "timeout";
    co_return answer;
}

Task<Result<>> HttpClient::vet(std::string url, Use use) {
    CO_TRY(auto parsed, check_url(url, inner_->policy, use));
    auto const addresses = co_await resolve_vetted(inner_->resolver, inner_->policy, std::move(parsed), use);
    if (!addresses) co_return std::unexpected(unsafe_url(use));   // one answer, whether the name is missing or private
    co_return Result<>{};
}

void HttpClient::close_idle() { inner_->idle.clear(); }

Task<Result<HttpResponse>> HttpClient::Inner::attempt(HttpRequest request, Url url) {
    auto const started = steady_clock::now();
    HttpTimings untold;
    auto& times = request.timings ? *request.timings : untold;
    CO_TRY(auto vetted, co_await resolve_vetted(resolver, policy, url, request.use));
    times.dns = url.literal || url.loopback ? 0ms : duration_cast<milliseconds>(steady_clock::now() - started);

    // What failed last time goes last, and is not kept; a lone address is tried again.
    auto reusable = vetted;
    if (auto const failed = std::ranges::find(vetted, request.avoid); failed != vetted.end() && vetted.size() > 1) {
        std::erase(reusable, request.avoid);
        std::rotate(failed, failed + 1, vetted.end());
    }
    PoolKey const key{request.tenant, url.scheme, url.host, url.port};
    auto const asked = times;
    if (auto kept = idle.take(key, reusable, steady_clock::now())) {
        times.connect = times.tls = 0ms;
        times.reused = true;
        Progress progress;
        auto answer = co_await over(std::move(*kept), key, request, url, times, progress, started);
        // It was open when we looked and closed when we wrote: the server's idle limit, not a failure of ours.
        if (answer || progress.first_byte_seen || answer.error().token != "connect") co_return answer;
        times = asked;
    }
    ConnectTimes connecting;
    auto connected = co_await connect(dialer, tls, policy, url, request.use, std::move(vetted), request.connect_timeout, connecting);
    if (connecting.remote.port != 0) {
        times.remote = connecting.remote;
        times.connect = duration_cast<milliseconds>(connecting.connect);
    }
    CO_TRY(auto connection, std::move(connected));
    times.tls = duration_cast<milliseconds>(connecting.tls);
    Progress progress;
    co_return co_await over({std::move(connection), steady_clock::now()}, key, request, url, times, progress, started);
}

/// One request over one connection, which goes back to the pool when the exchange left it clean.
Task<Result<HttpResponse>> HttpClient::Inner::over(Kept kept, PoolKey key, HttpRequest const& request, Url const& url, HttpTimings& times,
                                                   Progress& progress, steady_clock::time_point started) {
    times.remote = kept.connection->peer();
    progress.until = started + request.total_timeout;
    auto answer = co_await exchange(*kept.connection, request, url, progress);
    times.status = progress.status;
    if (progress.first_byte_seen) times.first_byte = duration_cast<milliseconds>(progress.first_byte_at - started);
    if (!answer) {
        auto const too_late = steady_clock::now() + just_before >= progress.until;   // or the caller has lost interest
        if (request.late && too_late && progress.sent && !progress.first_byte_seen && late.use_count() <= late_waiting_max) {
            auto const where = kept.connection->get_executor();
            spawn(where, "http", hear_late(std::move(kept.connection), request.late, late));
        }
        co_return answer;
    }
    times.total = duration_cast<milliseconds>(steady_clock::now() - started);
    answer->timings = times;
    ++kept.requests;
    if (progress.reusable) idle.give(key, std::move(kept), steady_clock::now());
    co_return answer;
}

}  // namespace boni::egress
