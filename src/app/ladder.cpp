#include "app/ladder.hpp"

#include "base/utf8.hpp"

namespace boni::app {

std::string ladder_json(std::vector<sip::LadderMessage> const& messages) {
    json::array out;
    for (auto const& message : messages)
        out.push_back(json::object{{"at", rfc3339(message.at)},
                                   {"direction", message.sent ? "sent" : "received"},
                                   {"transport", name(message.transport)},
                                   {"local", message.local.text()},
                                   {"remote", message.remote.text()},
                                   {"text", as_utf8(message.text)}});
    return json::serialize(out);
}

}  // namespace boni::app
