#include <doctest/doctest.h>

#include "base/crypto.hpp"
#include "base/signature.hpp"
#include "support/fake_clock.hpp"
#include "webhook/delivery.hpp"
#include "webhook/signature.hpp"

using namespace boni;
using namespace boni::webhook;

namespace {

Instant const signed_at = test::start;
Secret const master{std::string(32, 'm')};

std::string raw_of(std::string_view shown) { return *unbase64(shown.substr(6)); }

}  // namespace

TEST_CASE("the published test vector") {
    auto const body = R"({"event_id":"evt_01KAR7P3M4N5Q6R7S8T9V0W1X2","event_type":"number.activated","timestamp":1795414211,)"
                      R"("data":{"numberId":"num_01KAR7P3M4N5Q6R7S8T9V0W1X3"}})";
    auto const key = raw_of("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    CHECK(signature(key, 1795414211, body) == "v1=21e3961db279a273a036d23628c42d1c88906a9c1c1851323aaf3b65bbc3195e");
}

TEST_CASE("a fresh secret is 32 random bytes, shown as whsec_ and base64") {
    auto const one = new_signing_secret();
    auto const two = new_signing_secret();
    CHECK(one.shown.starts_with("whsec_"));
    CHECK(one.shown.size() == 50);
    CHECK(raw_of(one.shown) == one.raw.reveal());
    CHECK(one.shown != two.shown);
}

TEST_CASE("during a rotation the header carries both values, active first") {
    auto const active = std::string(32, 'a');
    auto const previous = std::string(32, 'p');
    model::WebhookEndpoint endpoint{.id = EndpointId::fresh(signed_at)};
    endpoint.secret = seal(master.reveal(), active, endpoint.id.str());
    auto const one = signature(active, unix_seconds(signed_at), "body");
    CHECK(signature_header(endpoint, master, signed_at, "body") == one);

    endpoint.previous_secret = seal(master.reveal(), previous, endpoint.id.str());
    endpoint.previous_until = signed_at + 1h;
    CHECK(signature_header(endpoint, master, signed_at, "body") == one + "," + signature(previous, unix_seconds(signed_at), "body"));
    endpoint.single_signature = true;
    CHECK(signature_header(endpoint, master, signed_at, "body") == one);
    endpoint.single_signature = false;
    endpoint.previous_until = signed_at;
    CHECK(signature_header(endpoint, master, signed_at, "body") == one);

    CHECK(!signature_header(endpoint, Secret{std::string(32, 'x')}, signed_at, "body"));
    endpoint.id = EndpointId::fresh(signed_at);                    // a secret belongs to its endpoint
    CHECK(!signature_header(endpoint, master, signed_at, "body"));
}

TEST_CASE("an attempt's headers name event, delivery, attempt and its own time") {
    model::Delivery delivery{.id = DeliveryId::from("whd_1"), .event = EventId::from("evt_1")};
    auto const headers = attempt_headers(delivery, 3, signed_at, "v1=00");
    std::map<std::string, std::string> const by_name{headers.begin(), headers.end()};
    CHECK(by_name == std::map<std::string, std::string>{{"Content-Type", "application/json"},
                                                        {"User-Agent", "Boni-Webhooks/1"},
                                                        {"X-Boni-Event-Id", "evt_1"},
                                                        {"X-Boni-Timestamp", "1795414211"},
                                                        {"X-Boni-Signature-Version", "v1"},
                                                        {"X-Boni-Signature", "v1=00"},
                                                        {"X-Boni-Delivery-Id", "whd_1"},
                                                        {"X-Boni-Attempt", "3"}});
}

TEST_CASE("what tells of a call belongs to the call's trace, each attempt a span of its own") {
    model::Delivery delivery{.id = DeliveryId::from("whd_1"), .event = EventId::from("evt_1"), .call = CallId::from("call_1")};
    auto const trace = [&](int attempt) { return attempt_headers(delivery, attempt, signed_at, "v1=00").back(); };
    CHECK(trace(1).first == "traceparent");
    auto const trace_id = sha256_hex("call_1").substr(0, 32);
    CHECK(trace(1).second.starts_with("00-" + trace_id + "-"));
    CHECK(trace(1).second.size() == 55);
    CHECK(trace(1).second.ends_with("-01"));
    CHECK(trace(2).second != trace(1).second);
    CHECK(trace(2).second.starts_with("00-" + trace_id + "-"));
}
