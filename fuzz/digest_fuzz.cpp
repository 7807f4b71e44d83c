// Challenges and credentials from anybody: no crash, nothing accepted without the password, no header that breaks a message.
// The ladder's redaction reads the same texts.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sip/digest.hpp"
#include "sip/redact.hpp"

using namespace boni;
using namespace boni::sip;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    DigestClient client{{Login{"ravi", Secret{"pass"}, {}}}};
    std::vector<ChallengeHeader> const challenges{{false, std::string{text}}, {true, std::string{text.substr(size / 2)}}};
    if (client.challenged(challenges)) {
        auto const credentials = client.authorise("INVITE", "sip:x");
        ENSURE(!credentials.empty());
        for (auto const& one : credentials) {
            ENSURE(digest_parameters(one.value) || one.value.size() > 4096);
            ENSURE(one.value.find_first_of("\r\n") == std::string::npos);
        }
    }
    static DigestServer server{Secret{"key"}, "boni", DigestServer::OldPhones::md5_too};
    static Address const peer = *Address::parse("203.0.113.7", 5060);
    auto const checked = server.verify(text, "INVITE", peer, Steady{1h},
                                       [](std::string_view) { return DigestUser{std::string(32, 'a'), std::string(64, 'a')}; });
    ENSURE(checked.verdict != DigestServer::Verdict::ok);
    (void)redact(text);
    return 0;
}
