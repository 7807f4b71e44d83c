// Whatever stands in a From, To or P-Asserted-Identity: no crash, the raw value kept as UTF-8, a number only in E.164 form, and what goes
// out again may stand in a URI.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/utf8.hpp"
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
    check(called_party(text, "11"));
    check(calling_party({.from = text, .asserted = half, .privacy = text.substr(size / 2)}));
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
