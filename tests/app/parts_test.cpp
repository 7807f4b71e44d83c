#include "app/parts.hpp"

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("SDP says where RTP is heard: what the operator says, else the one address it is bound to, else that of the way to the caller") {
    struct Row { std::string bound, said, shown; };
    for (auto const& [bound, said, shown] : {Row{"0.0.0.0", "", ""}, Row{"::", "", ""}, Row{"192.0.2.7", "", "192.0.2.7"},
                                             Row{"2001:db8::7", "", "2001:db8::7"},
                                             Row{"0.0.0.0", "203.0.113.7", "203.0.113.7"}, Row{"192.0.2.7", "203.0.113.7", "203.0.113.7"}}) {
        CAPTURE(bound);
        app::MediaSettings settings;
        settings.bind_address = bound;
        settings.public_address = said;
        auto const config = app::media_of(settings, {});
        CHECK(config.public_address == shown);
        CHECK(config.bind_address == bound);
    }
}
