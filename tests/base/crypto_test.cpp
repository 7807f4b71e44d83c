#include "base/crypto.hpp"

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("the published webhook vector signs as documented") {
    auto const key = unbase64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    REQUIRE(key);
    std::string const body = R"({"event_id":"evt_01KAR7P3M4N5Q6R7S8T9V0W1X2","event_type":"number.activated","timestamp":1795414211,"data":{"numberId":"num_01KAR7P3M4N5Q6R7S8T9V0W1X3"}})";
    CHECK(hex(hmac_sha256(*key, "1795414211." + body)) == "21e3961db279a273a036d23628c42d1c88906a9c1c1851323aaf3b65bbc3195e");
}

TEST_CASE("HMAC-SHA256 keeps nothing of the key before (RFC 4231 case 2)") {
    CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(hmac_sha256({}, {})) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("base64 refuses what is not exactly base64") {
    CHECK(base64("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
    CHECK(*unbase64("YW55IGNhcm5hbCBwbGVhcw==") == "any carnal pleas");
    for (auto const* bad : {"YW5", "YW5=YW5=", "YW 5", "====", "YW5\n"}) CHECK_FALSE(unbase64(bad));
    CHECK(unbase64("")->empty());
}

TEST_CASE("a sealed value opens only with its key, its context and every byte intact") {
    std::string const key(32, 'k');
    auto sealed = seal(key, "whsec", "endpoint wh_1");
    CHECK(*unseal(key, sealed, "endpoint wh_1") == "whsec");
    CHECK_FALSE(unseal(key, sealed, "endpoint wh_2"));
    CHECK_FALSE(unseal(std::string(32, 'x'), sealed, "endpoint wh_1"));
    sealed.back() ^= 1;
    CHECK_FALSE(unseal(key, sealed, "endpoint wh_1"));
    CHECK_FALSE(unseal(key, "short", ""));
}

TEST_CASE("crc32 is the one of zlib") { CHECK(crc32("123456789") == 0xCBF43926u); }

TEST_CASE("random secrets have their length and no two are alike") {
    auto const one = random_secret(32);
    CHECK(one.reveal().size() == 32);
    CHECK(one.reveal() != random_secret(32).reveal());
    CHECK(random_secret(0).empty());
}

TEST_CASE("digests match their standards") {
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(md5_hex("abc") == "900150983cd24fb0d6963f7d28e17f72");
}
