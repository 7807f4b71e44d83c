// Strong, sortable ids: a prefix and a ULID ("call_01KAR7P3M4N5Q6R7S8T9V0W1X0"). Opaque to customers. Thread: any.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace boni {

/// 26 characters of Crockford base32: 48 bits of milliseconds, 80 random bits; monotone within a process and millisecond.
std::string new_ulid(Instant now);
/// Form only: 26 characters of the alphabet, first 0-7.
bool is_ulid(std::string_view text);

/// Ids of different nouns do not mix. `Tag::prefix` is the public prefix without the underscore.
template <class Tag>
class Id {
  public:
    Id() = default;
    static Id fresh(Instant now) { return Id{std::string{Tag::prefix} + '_' + new_ulid(now)}; }
    /// Takes text from outside or from the database as it is; `valid` tells whether it has the form.
    static Id from(std::string text) { return Id{std::move(text)}; }

    bool valid() const {
        std::string_view const text = text_;
        auto const size = Tag::prefix.size();
        return text.starts_with(Tag::prefix) && text.size() == size + 27 && text[size] == '_' && is_ulid(text.substr(size + 1));
    }
    bool empty() const { return text_.empty(); }
    std::string const& str() const { return text_; }
    auto operator<=>(Id const&) const = default;

  private:
    explicit Id(std::string text) : text_{std::move(text)} {}
    std::string text_;
};

// clang-format off
struct TenantTag   { static constexpr std::string_view prefix = "ten"; };    using TenantId   = Id<TenantTag>;
struct NumberTag   { static constexpr std::string_view prefix = "num"; };    using NumberId   = Id<NumberTag>;
struct RequestTag  { static constexpr std::string_view prefix = "req"; };    using RequestId  = Id<RequestTag>;
struct RouteTag    { static constexpr std::string_view prefix = "route"; };  using RouteId    = Id<RouteTag>;
struct CallTag     { static constexpr std::string_view prefix = "call"; };   using CallId     = Id<CallTag>;
struct ActionTag   { static constexpr std::string_view prefix = "cact"; };   using ActionId   = Id<ActionTag>;
struct StreamTag   { static constexpr std::string_view prefix = "strm"; };   using StreamId   = Id<StreamTag>;
struct EndpointTag { static constexpr std::string_view prefix = "wh"; };     using EndpointId = Id<EndpointTag>;
struct DeliveryTag { static constexpr std::string_view prefix = "whd"; };    using DeliveryId = Id<DeliveryTag>;
struct EventTag    { static constexpr std::string_view prefix = "evt"; };    using EventId    = Id<EventTag>;
struct DecisionTag { static constexpr std::string_view prefix = "dec"; };    using DecisionId = Id<DecisionTag>;
struct AgentTag    { static constexpr std::string_view prefix = "agent"; };  using AgentId    = Id<AgentTag>;
struct NumberRequestTag { static constexpr std::string_view prefix = "nreq"; }; using NumberRequestId = Id<NumberRequestTag>;
struct RecordingTag  { static constexpr std::string_view prefix = "rec"; };  using RecordingId  = Id<RecordingTag>;
struct TranscriptTag { static constexpr std::string_view prefix = "tr"; };   using TranscriptId = Id<TranscriptTag>;
struct KeyTag      { static constexpr std::string_view prefix = "key"; };    using KeyId      = Id<KeyTag>;
struct TeamTag     { static constexpr std::string_view prefix = "team"; };   using TeamId     = Id<TeamTag>;
struct AuditTag    { static constexpr std::string_view prefix = "aud"; };    using AuditId    = Id<AuditTag>;
struct TrunkTag    { static constexpr std::string_view prefix = "trk"; };    using TrunkId    = Id<TrunkTag>;
// clang-format on

}  // namespace boni

template <class Tag>
struct std::hash<boni::Id<Tag>> {
    std::size_t operator()(boni::Id<Tag> const& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
