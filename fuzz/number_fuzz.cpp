// Whatever stands in a header that names somebody: no crash, the raw value kept as UTF-8, a number only in E.164 form, and what goes
// out again may stand in a URI.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/utf8.hpp"
#include "sip/identity.hpp"
#include "sip/normalise.hpp"

using namespace boni;
using namespace boni::sip;

namespace {

void check(Party const& party) {
    ENSURE(!(party.e164 && party.restricted));
    ENSURE(!party.restricted || party.value == "anonymous");
    if (!party.e164) return;
    ENSURE(party.value.size() >= 8 && party.value.size() <= 16 && party.value[0] == '+' && party.value[1] != '0');
    ENSURE(party.value.find_first_not_of("0123456789", 1) == std::string::npos);
    ENSURE(party_of(party.value).value == party.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const half = text.substr(0, size / 2);
    check(party_of_uri(text, "11"));
    check(calling_party({.from = text, .asserted = half, .privacy = text.substr(size / 2)}));
    check(calling_party({.from = {}, .remote_party = text}));
    std::vector<std::string> const headers{std::string{half}, std::string{text.substr(size / 2)}};
    for (auto const& found : {diversions({.diversion = headers}), diversions({.diversion = {}, .history = headers, .privacy = half})}) {
        ENSURE(found.size() <= diversions_max);
        for (auto const& one : found) {
            check(one.party);
            ENSURE(one.count >= 1 && is_utf8(one.reason) && is_utf8(one.raw));
        }
    }
    auto const party = party_of(text, "172");
    check(party);
    ENSURE(as_utf8(text).starts_with(party.raw));
    std::vector<std::string> const dids{"+911140001234"};
    ENSURE(did_candidates(party, dids).size() <= 3);
    auto const out = outgoing(half, text);
    ENSURE(out.find_first_of("@<> \r\n\"") == std::string::npos);
    (void)check_format(text);
    return 0;
}
