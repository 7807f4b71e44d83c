// The only file that includes libre, and the few words the others need to speak to it.
// Thread: libre objects belong to the SIP thread; none leaves this folder.
#pragma once

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

// Without the first two libre declares its own bool and socklen_t; with the third a `struct sa` has room for IPv6.
#define HAVE_INTTYPES_H 1
#define HAVE_STDBOOL_H 1
#define HAVE_INET6 1
#define USE_OPENSSL 1
extern "C" {
#include <re/re.h>
}

#include <string>
#include <string_view>
#include <utility>

#include "base/address.hpp"
#include "sip/trunk.hpp"

namespace boni::sip::re {

/// One counted reference to a libre object. A handler may free its own object: hold a Ref across such a call.
template <class T>
class Ref {
  public:
    Ref() = default;
    /// Takes over the reference an `..._alloc` function returned.
    static Ref adopt(T* object) {
        Ref ref;
        ref.object_ = object;
        return ref;
    }
    /// Adds a reference, as for a message that must outlive its handler.
    static Ref share(T const* object) { return adopt(static_cast<T*>(mem_ref(const_cast<T*>(object)))); }
    Ref(Ref&& other) noexcept : object_{std::exchange(other.object_, nullptr)} {}
    Ref(Ref const& other) : object_{static_cast<T*>(mem_ref(other.object_))} {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() { mem_deref(object_); }

    T* get() const { return object_; }
    T* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    /// For functions that store a new object, or forget a finished one, through a pointer.
    T** place() { return &object_; }
    void reset() { *this = Ref{}; }

  private:
    T* object_ = nullptr;
};

inline std::string_view view(struct pl const& text) { return text.p ? std::string_view{text.p, text.l} : std::string_view{}; }
inline struct pl piece(std::string_view text) { return {text.data(), text.size()}; }
inline std::string str(struct pl const& text) { return std::string{view(text)}; }

/// A buffer with `text`, position at its start.
inline Ref<struct mbuf> buffer(std::string_view text) {
    auto out = Ref<struct mbuf>::adopt(mbuf_alloc(text.size() + 1));
    mbuf_write_mem(out.get(), reinterpret_cast<std::uint8_t const*>(text.data()), text.size());
    out->pos = 0;
    return out;
}
inline std::string_view rest(struct mbuf const* buffer) {
    return {reinterpret_cast<char const*>(mbuf_buf(buffer)), mbuf_get_left(buffer)};
}

inline Address address(struct sa const& from) { return Address::from(&from.u.sa); }
inline struct sa sa(Address const& from) {
    sockaddr_storage storage;
    from.to(storage);
    struct sa out;
    sa_init(&out, from.family);
    sa_set_sa(&out, reinterpret_cast<sockaddr const*>(&storage));
    return out;
}

inline enum sip_transp transport(Transport from) {
    return from == Transport::udp ? SIP_TRANSP_UDP : from == Transport::tcp ? SIP_TRANSP_TCP : SIP_TRANSP_TLS;
}
inline Transport transport(enum sip_transp from) {
    return from == SIP_TRANSP_UDP ? Transport::udp : from == SIP_TRANSP_TCP ? Transport::tcp : Transport::tls;
}

}  // namespace boni::sip::re
