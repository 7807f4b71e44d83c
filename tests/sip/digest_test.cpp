#include "sip/digest.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::sip;

namespace {

Login login(std::string user, std::string secret, std::string realm = {}) { return {std::move(user), Secret{std::move(secret)}, std::move(realm)}; }

std::string parameter(std::string const& value, std::string const& name) {
    auto const all = digest_parameters(value);
    REQUIRE(all);
    auto const found = all->find(name);
    return found == all->end() ? "" : found->second;
}

Steady const start{1h};
Address const phone = *Address::parse("203.0.113.7", 5060);

/// A server with one user, and its answers.
struct Registrar {
    DigestServer server{Secret{"server key"}, "boni", DigestServer::OldPhones::md5_too};
    Steady now = start;
    DigestServer::Checked check(std::string const& credentials, std::string_view method = "REGISTER", Address const& from = phone) {
        return server.verify(credentials, method, from, now, [](std::string_view user) -> std::optional<DigestUser> {
            if (user != "ravi") return std::nullopt;
            return DigestUser{digest_ha1(DigestAlgorithm::md5, "ravi", "boni", "pass"), digest_ha1(DigestAlgorithm::sha256, "ravi", "boni", "pass")};
        });
    }
    std::vector<ChallengeHeader> challenge(bool stale = false) {
        std::vector<ChallengeHeader> out;
        for (auto& value : server.challenge(phone, now, stale)) out.push_back({false, std::move(value)});
        return out;
    }
};

using Verdict = DigestServer::Verdict;

}  // namespace

TEST_CASE("the examples of RFC 7616 3.9.1 and RFC 2617 come out right") {
    auto const* const nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    auto const* const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    auto const* const realm = "http-auth@example.org";
    CHECK(digest_response(DigestAlgorithm::md5, digest_ha1(DigestAlgorithm::md5, "Mufasa", realm, "Circle of Life"), nonce, "00000001", cnonce,
                          "GET", "/dir/index.html") == "8ca523f5e9506fed4657c9700eebdbec");
    CHECK(digest_response(DigestAlgorithm::sha256, digest_ha1(DigestAlgorithm::sha256, "Mufasa", realm, "Circle of Life"), nonce, "00000001",
                          cnonce, "GET", "/dir/index.html") == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    CHECK(digest_response(DigestAlgorithm::md5, digest_ha1(DigestAlgorithm::md5, "Mufasa", "testrealm@host.com", "Circle Of Life"),
                          "dcd98b7102dd2f0e8b11d0f600bfb0c093", "00000001", "0a4f113b", "GET", "/dir/index.html") ==
          "6629fae49393a05397450978507c4ef1");
}

TEST_CASE("digest parameters are read strictly") {
    auto const all = digest_parameters("dIGEST  realm=\"a \\\"b\\\", c\" ,, NONCE = n/=,stale=TRUE");
    // an unquoted '=' ends a token, so the nonce above is malformed
    CHECK_FALSE(all);
    auto const good = digest_parameters("dIGEST  realm=\"a \\\"b\\\", c\" ,, NONCE = \"n/=\",stale=TRUE,");
    REQUIRE(good);
    CHECK(good->at("realm") == "a \"b\", c");
    CHECK(good->at("nonce") == "n/=");
    CHECK(good->at("stale") == "TRUE");
    for (auto const& bad :
         std::vector<std::string>{"", "Digest", "Basic Zm9v", "Digestrealm=x", "Digest realm", "Digest realm=\"x", "Digest =x", "Digest a=1 b=2",
                                  "Digest a=1, a=2", "Digest a=\"x\\", "Digest a=\"x\r\ny\"", "Digest " + std::string(5000, 'a')}) {
        CAPTURE(bad);
        CHECK_FALSE(digest_parameters(bad));
    }
    std::string many = "Digest ";
    for (int i = 0; i < 40; ++i) many += "p" + std::to_string(i) + "=1,";
    CHECK_FALSE(digest_parameters(many));
}

// --- client -----------------------------------------------------------------------------------------------------------------

TEST_CASE("of a dual 407 the SHA-256 challenge is answered, in either order") {
    std::vector<ChallengeHeader> headers{{true, R"(Digest realm="r", nonce="a", algorithm=SHA-256, qop="auth,auth-int", opaque="o\"q")"},
                                         {true, R"(Digest realm="r", nonce="b", algorithm=MD5, qop="auth")"}};
    for (int order = 0; order < 2; ++order) {
        DigestClient client{{login("ravi", "pass", "r")}};
        REQUIRE(client.challenged(headers));
        auto const out = client.authorise("INVITE", "sip:x@y");
        REQUIRE(out.size() == 1);
        CHECK(out[0].proxy);
        CHECK(parameter(out[0].value, "algorithm") == "SHA-256");
        CHECK(parameter(out[0].value, "nonce") == "a");
        CHECK(parameter(out[0].value, "opaque") == "o\"q");
        CHECK(parameter(out[0].value, "nc") == "00000001");
        CHECK(parameter(out[0].value, "response") ==
              digest_response(DigestAlgorithm::sha256, digest_ha1(DigestAlgorithm::sha256, "ravi", "r", "pass"), "a", "00000001",
                              parameter(out[0].value, "cnonce"), "INVITE", "sip:x@y"));
        std::swap(headers[0], headers[1]);
    }
}

TEST_CASE("a server without qop gets the old form, without count and cnonce") {
    DigestClient client{{login("ravi", "pass")}};
    REQUIRE(client.challenged(std::vector<ChallengeHeader>{{false, R"(Digest realm="r", nonce="n")"}}));
    auto const value = client.authorise("BYE", "sip:x").at(0).value;
    CHECK(parameter(value, "nc").empty());
    CHECK(parameter(value, "qop").empty());
    CHECK(parameter(value, "algorithm").empty());
    CHECK(parameter(value, "response") ==
          digest_response(DigestAlgorithm::md5, digest_ha1(DigestAlgorithm::md5, "ravi", "r", "pass"), "n", "", "", "BYE", "sip:x"));
}

TEST_CASE("the nonce count grows with every request and starts anew with a new nonce") {
    DigestClient client{{login("ravi", "pass")}};
    CHECK(client.authorise("INVITE", "sip:x").empty());
    REQUIRE(client.challenged(std::vector<ChallengeHeader>{{false, R"(Digest realm="r", nonce="n", qop="auth")"}}));
    auto const first = client.authorise("INVITE", "sip:x").at(0).value;
    client.accepted();
    auto const second = client.authorise("BYE", "sip:x").at(0).value;
    CHECK(parameter(second, "nc") == "00000002");
    CHECK(parameter(first, "cnonce") != parameter(second, "cnonce"));
    REQUIRE(client.challenged(std::vector<ChallengeHeader>{{false, R"(Digest realm="r", nonce="m", qop="auth", stale=TRUE)"}}));
    auto const third = client.authorise("BYE", "sip:x").at(0).value;
    CHECK(parameter(third, "nc") == "00000001");
    CHECK(parameter(third, "nonce") == "m");
}

TEST_CASE("a second challenge is answered only when it is stale, and not for ever") {
    std::vector<ChallengeHeader> const plain{{false, R"(Digest realm="r", nonce="n", qop="auth")"}};
    std::vector<ChallengeHeader> const stale{{false, R"(Digest realm="r", nonce="m", qop="auth", stale=true)"}};
    DigestClient client{{login("ravi", "wrong")}};
    REQUIRE(client.challenged(plain));
    auto const refused = client.challenged(plain);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unauthorized);

    DigestClient patient{{login("ravi", "pass")}};
    REQUIRE(patient.challenged(plain));
    CHECK(patient.challenged(stale));
    CHECK(patient.challenged(stale));
    CHECK_FALSE(patient.challenged(stale));
    patient.accepted();
    CHECK(patient.challenged(plain));
}

TEST_CASE("credentials go to their own realm only") {
    DigestClient client{{login("ravi", "pass", "mine")}};
    auto const refused = client.challenged(std::vector<ChallengeHeader>{{false, R"(Digest realm="other", nonce="n", qop="auth")"}});
    REQUIRE_FALSE(refused);
    DigestClient both{{login("any", "p"), login("own", "q", "mine")}};
    REQUIRE(both.challenged(std::vector<ChallengeHeader>{{false, R"(Digest realm="mine", nonce="n", qop="auth")"},
                                                         {true, R"(Digest realm="proxy", nonce="n", qop="auth")"}}));
    auto const out = both.authorise("INVITE", "sip:x");
    REQUIRE(out.size() == 2);
    for (auto const& one : out) CHECK(parameter(one.value, "username") == (one.proxy ? "any" : "own"));
}

TEST_CASE("challenges nobody should answer are skipped") {
    for (auto const* value : {R"(Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth")", R"(Digest realm="r", nonce="n", qop="auth-int")",
                              R"(Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth")", R"(Digest realm="r")", R"(Digest nonce="n")",
                              R"(Basic realm="r")", "nonsense"}) {
        CAPTURE(value);
        DigestClient client{{login("ravi", "pass")}};
        CHECK_FALSE(client.challenged(std::vector<ChallengeHeader>{{false, value}}));
    }
    CHECK_FALSE(DigestClient{{}}.challenged(std::vector<ChallengeHeader>{{false, R"(Digest realm="r", nonce="n")"}}));
    CHECK_FALSE(DigestClient{{login("ravi", "pass")}}.challenged({}));
}

TEST_CASE("quotes in a user name do not break the header") {
    DigestClient client{{login("ra\"vi\\", "pass")}};
    REQUIRE(client.challenged(std::vector<ChallengeHeader>{{false, R"(Digest realm="r", nonce="n", qop="auth")"}}));
    CHECK(parameter(client.authorise("BYE", "sip:x").at(0).value, "username") == "ra\"vi\\");
}

// --- server -----------------------------------------------------------------------------------------------------------------

TEST_CASE("client and server agree, with SHA-256 first and with MD5 for old phones") {
    Registrar registrar;
    auto const challenge = registrar.challenge();
    REQUIRE(challenge.size() == 2);
    CHECK(parameter(challenge[0].value, "algorithm") == "SHA-256");
    CHECK(parameter(challenge[0].value, "nonce") == parameter(challenge[1].value, "nonce"));
    for (std::size_t i = 0; i < 2; ++i) {
        DigestClient client{{login("ravi", "pass")}};
        registrar.now += 1ms;
        REQUIRE(client.challenged(std::vector{registrar.challenge()[i]}));
        for (int request = 0; request < 3; ++request) {
            auto const checked = registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value);
            CHECK(checked.verdict == Verdict::ok);
            CHECK(checked.user == "ravi");
        }
    }
    DigestServer strict{Secret{"k"}, "boni", DigestServer::OldPhones::sha256_only};
    CHECK(strict.challenge(phone, start).size() == 1);
}

TEST_CASE("uri= is taken as sent, the method is not") {
    Registrar registrar;
    DigestClient client{{login("ravi", "pass")}};
    REQUIRE(client.challenged(registrar.challenge()));
    CHECK(registrar.check(client.authorise("REGISTER", "sip:boni;whatever=1").at(0).value).verdict == Verdict::ok);
    CHECK(registrar.check(client.authorise("INVITE", "sip:boni").at(0).value).verdict == Verdict::refused);
}

TEST_CASE("a wrong password and an unknown user are refused alike") {
    Registrar registrar;
    for (auto const& [user, secret] : {std::pair{"ravi", "guess"}, {"nobody", "pass"}, {"", "pass"}}) {
        DigestClient client{{login(user, secret)}};
        REQUIRE(client.challenged(registrar.challenge()));
        CHECK(registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value).verdict == Verdict::refused);
    }
}

TEST_CASE("a nonce count that does not grow is a replay") {
    Registrar registrar;
    DigestClient client{{login("ravi", "pass")}};
    REQUIRE(client.challenged(registrar.challenge()));
    auto const first = client.authorise("REGISTER", "sip:boni").at(0).value;
    auto const second = client.authorise("REGISTER", "sip:boni").at(0).value;
    CHECK(registrar.check(second).verdict == Verdict::ok);
    CHECK(registrar.check(second).verdict == Verdict::stale);
    CHECK(registrar.check(first).verdict == Verdict::stale);
    CHECK(registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value).verdict == Verdict::ok);
}

TEST_CASE("a nonce is valid for 60 s and one address, then it is stale") {
    Registrar registrar;
    DigestClient client{{login("ravi", "pass")}};
    REQUIRE(client.challenged(registrar.challenge()));
    registrar.now += 60s;
    CHECK(registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value).verdict == Verdict::ok);
    CHECK(registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value, "REGISTER", *Address::parse("203.0.113.7", 9)).verdict ==
          Verdict::ok);
    CHECK(registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value, "REGISTER", *Address::parse("203.0.113.8", 5060)).verdict ==
          Verdict::stale);
    registrar.now += 1us;
    auto const checked = registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value);
    CHECK(checked.verdict == Verdict::stale);
    auto const again = registrar.challenge(true);
    CHECK(parameter(again[0].value, "stale") == "true");
    REQUIRE(client.challenged(again));
    CHECK(registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value).verdict == Verdict::ok);
}

TEST_CASE("a nonce of somebody else is never good") {
    Registrar registrar;
    for (auto const* nonce : {"", "AAAA", "nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}) {
        CAPTURE(nonce);
        DigestClient client{{login("ravi", "pass")}};
        REQUIRE(client.challenged(std::vector<ChallengeHeader>{{false, "Digest realm=\"boni\", qop=\"auth\", nonce=\"" + std::string{nonce} + '"'}}));
        CHECK(registrar.check(client.authorise("REGISTER", "sip:boni").at(0).value).verdict == Verdict::stale);
    }
}

TEST_CASE("two challenges of one instant have different nonces") {
    Registrar registrar;
    CHECK(parameter(registrar.challenge()[0].value, "nonce") != parameter(registrar.challenge()[0].value, "nonce"));
}

TEST_CASE("a replay does not come back when the server forgets old counts") {
    Registrar registrar;
    DigestClient victim{{login("ravi", "pass")}};
    REQUIRE(victim.challenged(registrar.challenge()));
    auto const overheard = victim.authorise("REGISTER", "sip:boni").at(0).value;
    REQUIRE(registrar.check(overheard).verdict == Verdict::ok);
    for (int i = 0; i < 10'000; ++i) {
        DigestClient other{{login("ravi", "pass")}};
        registrar.now += 1us;
        REQUIRE(other.challenged(registrar.challenge()));
        REQUIRE(registrar.check(other.authorise("REGISTER", "sip:boni").at(0).value).verdict == Verdict::ok);
    }
    CHECK(registrar.check(overheard).verdict == Verdict::stale);
}

TEST_CASE("credentials the server cannot use ask for a challenge") {
    Registrar registrar;
    for (auto const* value :
         {"", "Basic Zm9v", R"(Digest realm="other", username="ravi")", R"(Digest realm="boni", username="ravi", nonce="n", uri="x", response="y")",
          R"(Digest realm="boni", username="ravi", qop=auth-int, nc=00000001, cnonce="c", algorithm=MD5)",
          R"(Digest realm="boni", username="ravi", qop=auth, nc=1, cnonce="c")",
          R"(Digest realm="boni", username="ravi", qop=auth, nc=00000000, cnonce="c")",
          R"(Digest realm="boni", username="ravi", qop=auth, nc=00000001, cnonce="c", algorithm=MD5-sess)"}) {
        CAPTURE(value);
        CHECK(registrar.check(value).verdict == Verdict::missing);
    }
}
