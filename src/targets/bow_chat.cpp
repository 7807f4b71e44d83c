// `bow_chat`: hands the caller to a chat inbox. What it takes is settled here; the inbox is not offered yet.
#include "call/target.hpp"

namespace boni::call {
namespace {

Result<model::Target> check_bow_chat(json::object const& fields, std::string_view at, CheckContext const&) {
    auto const field = std::string{at} + "bowChatInboxId";
    auto const inbox = json::text(fields, "bowChatInboxId");
    if (!inbox) return fail(Errc::invalid, "bow_chat needs a bowChatInboxId", field, "invalid_target");
    if (inbox->size() > id_bytes_max) return fail(Errc::invalid, "bowChatInboxId has at most 256 bytes", field, "limit_exceeded");
    return not_offered("target bow_chat", "bow_chat");
}

}  // namespace

extern Target const bow_chat_target{"bow_chat", "bow_chat", check_bow_chat, nullptr};

}  // namespace boni::call
