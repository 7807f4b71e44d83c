#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "app/dev.hpp"
#include "app/dev_certificate.hpp"
#include "app/json_lines.hpp"
#include "app/ladder.hpp"
#include "app/private_file.hpp"
#include "base/json.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

struct Pipe {
    Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
    ~Pipe() {
        for (auto const end : ends)
            if (end >= 0) ::close(end);
    }
    std::string read_all() {
        ::close(std::exchange(ends[1], -1));
        std::string out;
        char chunk[4096];
        for (ssize_t got = 0; (got = ::read(ends[0], chunk, sizeof chunk)) > 0;) out.append(chunk, std::size_t(got));
        return out;
    }
    int ends[2]{-1, -1};
};

bool verifies(app::DevCertificate const& files, char const* name_or_ip) {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> const context{SSL_CTX_new(TLS_method()), &SSL_CTX_free};
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.pem_file.c_str()) != 1) return false;
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.pem_file.c_str(), SSL_FILETYPE_PEM) != 1) return false;
    if (SSL_CTX_check_private_key(context.get()) != 1 || SSL_CTX_load_verify_file(context.get(), files.ca_file.c_str()) != 1) return false;
    std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> const check{X509_STORE_CTX_new(), &X509_STORE_CTX_free};
    auto* const leaf = SSL_CTX_get0_certificate(context.get());
    X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context.get()), leaf, nullptr);
    X509_STORE_CTX_set_purpose(check.get(), X509_PURPOSE_SSL_SERVER);
    auto const named = X509_check_ip_asc(leaf, name_or_ip, 0) == 1 || X509_check_host(leaf, name_or_ip, 0, 0, nullptr) == 1;
    return named && X509_verify_cert(check.get()) == 1;
}

}  // namespace

TEST_CASE("the dev certificate is good for loopback and for the address that was asked for, and is used again") {
    test::TempFolder folder;
    auto const now = system_clock().now();
    auto const made = app::dev_certificate(folder.path, app::literal("127.0.0.2:5061"), now);
    REQUIRE(made);
    for (auto const name : {"127.0.0.1", "::1", "localhost", "127.0.0.2"}) CHECK_MESSAGE(verifies(*made, name), name);
    CHECK_FALSE(verifies(*made, "127.0.0.3"));
    auto const before = **app::read_private(made->pem_file);
    REQUIRE(app::dev_certificate(folder.path, app::literal("127.0.0.2:5061"), now));
    CHECK(**app::read_private(made->pem_file) == before);
    auto const other = app::dev_certificate(folder.path, app::literal("127.0.0.3:5061"), now);
    REQUIRE(other);
    CHECK(verifies(*other, "127.0.0.3"));
    auto const second = **app::read_private(made->pem_file);
    REQUIRE(app::dev_certificate(folder.path, app::literal("127.0.0.3:5061"), now + std::chrono::hours{24 * 830}));
    CHECK(**app::read_private(made->pem_file) != second);
}

TEST_CASE("lines are written whole and in order, and the last ones before the end") {
    Pipe pipe;
    {
        app::JsonLines lines{pipe.ends[1]};
        for (auto i = 0; i < 100; ++i) lines.say("{\"n\":" + std::to_string(i) + "}");
    }
    auto const text = pipe.read_all();
    CHECK(text.starts_with("{\"n\":0}\n{\"n\":1}\n"));
    CHECK(text.ends_with("{\"n\":99}\n"));
}

TEST_CASE("a reader that does not read neither blocks who speaks nor the end") {
    Pipe pipe;
    auto const began = std::chrono::steady_clock::now();
    {
        app::JsonLines lines{pipe.ends[1]};
        std::string const big(10'000, 'x');
        for (auto i = 0; i < 100; ++i) lines.say(big);
    }
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a ladder is one array of its messages") {
    std::vector<sip::LadderMessage> messages(2);
    messages[0].text = "INVITE sip:x SIP/2.0\r\n\r\n";
    messages[1].sent = true;
    messages[1].remote = app::literal("127.0.0.1:5060");
    auto const document = json::parse(app::ladder_json(messages));
    REQUIRE(document);
    CHECK(json::text(document->as_array()[0].as_object(), "direction") == "received");
    CHECK(json::text(document->as_array()[0].as_object(), "text") == "INVITE sip:x SIP/2.0\r\n\r\n");
    CHECK(json::text(document->as_array()[1].as_object(), "remote") == "127.0.0.1:5060");
    CHECK(json::text(document->as_array()[1].as_object(), "transport") == "udp");
}

TEST_CASE("a wish for a feature or limit that does not exist is refused with the nearest") {
    CHECK(app::check_wish({}));
    CHECK(app::check_wish({.features = {{"outbond", true}}}).error().what == "there is no feature 'outbond'; did you mean 'outbound'?");
    CHECK(app::check_wish({.limits = {{"concurrent_cals", 1}}}).error().what == "there is no limit 'concurrent_cals'; did you mean 'concurrent_calls'?");
    auto const far = app::check_wish({.limits = {{"nope", 1}}}).error().what;
    CHECK(far.starts_with("there is no limit 'nope'; there are concurrent_calls, "));
    CHECK(far.find("numbers") != std::string::npos);
}
