// What is known of a trunk when the operator writes another document for it.
#include "sip/trunk_book.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::sip;

namespace {

Trunk trunk(TrunkKind kind, std::chrono::seconds health_every = 30s) {
    Trunk out;
    out.name = "carrier";
    out.kind = kind;
    out.addresses = {*Cidr::parse("203.0.113.0/28")};
    out.targets = {Target{.host = "203.0.113.1"}};
    out.health_every = health_every;
    if (kind == TrunkKind::registering) out.auth = Login{"u", Secret{"p"}, {}};
    return out;
}

void fail_health(TrunkBook& book) {
    for (int i = 0; i < 3; ++i) book.health("carrier", false);
    REQUIRE_FALSE(book.up("carrier"));
}

}  // namespace

TEST_CASE("a trunk that was down and is asked no more is up again") {
    TrunkBook book{"boni"};
    book.replace({trunk(TrunkKind::ip)});
    fail_health(book);
    book.replace({trunk(TrunkKind::ip, 60s)});
    CHECK_FALSE(book.up("carrier"));         // the next answers say so
    book.replace({trunk(TrunkKind::ip, 0s)});
    CHECK(book.up("carrier"));
    book.replace({trunk(TrunkKind::ip)});
    fail_health(book);
    auto without = trunk(TrunkKind::ip);
    without.targets.clear();
    book.replace({without});
    CHECK(book.up("carrier"));
}

TEST_CASE("of a trunk that has become another kind nothing is left of what its registrar said") {
    TrunkBook book{"boni"};
    auto const registrar = *Address::parse("198.51.100.9", 5060);
    book.replace({trunk(TrunkKind::registering)});
    book.registrar_at("carrier", {registrar});
    book.registered("carrier", false, {"<sip:edge.carrier.example;lr>"}, {});
    CHECK(book.match(registrar, {}) != nullptr);
    book.replace({trunk(TrunkKind::registering)});
    CHECK(book.match(registrar, {}) != nullptr);
    CHECK_FALSE(book.up("carrier"));
    book.replace({trunk(TrunkKind::ip)});
    CHECK(book.match(registrar, {}) == nullptr);
    CHECK(book.service_route("carrier").empty());
    CHECK(book.up("carrier"));
}
