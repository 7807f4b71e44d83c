#include <doctest/doctest.h>

#include "api/key_format.hpp"
#include "base/crypto.hpp"

using namespace boni;
using api::KeyKind;

TEST_CASE("the key of the reference is well formed") { CHECK(api::well_formed("vp_test_00000000000000000000011r6a0p")); }

TEST_CASE("a new key has its kind's start, 36 characters, a checksum and a hash of the whole") {
    struct Row { KeyKind kind; std::string_view start; };
    for (auto const& [kind, start] : {Row{KeyKind::live, "vp_live_"}, Row{KeyKind::test, "vp_test_"}, Row{KeyKind::oper, "vp_oper_"}}) {
        auto const key = api::make_key(kind);
        CHECK(key.shown.size() == 36);
        CHECK(key.shown.starts_with(start));
        CHECK(api::well_formed(key.shown));
        CHECK(key.prefix == key.shown.substr(0, 12));
        CHECK(key.hash == sha256_hex(key.shown));
    }
}

TEST_CASE("two keys differ") { CHECK(api::make_key(KeyKind::live).shown != api::make_key(KeyKind::live).shown); }

TEST_CASE("one changed character anywhere makes a key malformed") {
    auto const key = api::make_key(KeyKind::test).shown;
    for (std::size_t at = 0; at < key.size(); ++at) {
        auto other = key;
        other[at] = other[at] == 'q' ? 'r' : 'q';
        CHECK_FALSE(api::well_formed(other));
    }
}

TEST_CASE("what is not a key at all is malformed") {
    auto const key = api::make_key(KeyKind::live).shown;
    for (std::string const& text : {std::string{}, key + " ", key.substr(1), "vp_prod_" + key.substr(8), std::string(36, '-')})
        CHECK_FALSE(api::well_formed(text));
}
