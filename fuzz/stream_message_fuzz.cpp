// What a bot may send on a media stream, in every dialect, and the content type a customer may name.
#include "media/feed.hpp"
#include "stream/dialect.hpp"
#include "stream/speaker.hpp"

using namespace boni;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    static auto const waker = std::make_shared<media::Waker>();
    if (auto const type = stream::parse_content_type(text, "contentType"))
        ENSURE((*stream::parse_content_type(type->text(), "") == stream::ContentType{type->encoding, type->rate}));
    stream::Speaker speaker{{}, std::make_shared<media::Feed>(waker)};
    for (auto const* const dialect : stream::all_dialects()) {
        auto message = dialect->parse(text);
        if (auto const* const audio = std::get_if<stream::incoming::Audio>(&message)) (void)speaker.say(audio->payload);
        else if (auto* const mark = std::get_if<stream::incoming::Mark>(&message)) (void)speaker.mark(std::move(mark->name));
        else if (std::holds_alternative<stream::incoming::Clear>(message)) speaker.clear();
        (void)speaker.turn();
    }
    return 0;
}
