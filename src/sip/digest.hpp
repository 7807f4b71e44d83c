// Digest authentication, both ends (RFC 7616, RFC 8760): SHA-256 before MD5, qop "auth" only, no -sess, no auth-int.
// Nothing here touches the wire: header values in, header values out. Thread: its owner's; no locks.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "sip/trunk.hpp"

namespace boni::sip {

enum class DigestAlgorithm { md5, sha256 };

/// The parameters of "Digest name=value, ...", names in lower case, quotes and escapes removed. Errc::malformed for another
/// scheme, a repeated name, more than 32 parameters or 4 KiB (RFC 7235 2.1).
Result<std::map<std::string, std::string>> digest_parameters(std::string_view value);

/// hex(H(user:realm:password)): what a server stores instead of the password.
std::string digest_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm, std::string_view password);

/// hex(H(HA1:nonce:nc:cnonce:auth:HA2)) of RFC 7616 3.4.1; without `nc` the form of RFC 2069 that a server without qop expects.
std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1, std::string_view nonce, std::string_view nc,
                            std::string_view cnonce, std::string_view method, std::string_view uri);

// --- client -----------------------------------------------------------------------------------------------------------------

/// One challenge header of a response.
struct ChallengeHeader {
    bool proxy = false;      ///< Proxy-Authenticate (407), else WWW-Authenticate (401)
    std::string value;
};

/// One credentials header of a request.
struct CredentialsHeader {
    bool proxy = false;      ///< Proxy-Authorization, else Authorization
    std::string value;       ///< secret: never logged, redacted in the ladder
};

/// The credentials of one dialog (or one registration): answers challenges and keeps authorising its later requests.
///
///   on 401/407:  if (auto ok = client.challenged(headers); !ok) fail the request with auth_failed;   // else send it again with
///                client.authorise("INVITE", uri)                                                       // CSeq + 1
///   otherwise:   client.accepted();
class DigestClient {
  public:
    /// In order of preference; a login without a realm answers any realm.
    explicit DigestClient(std::vector<Login> logins) : logins_{std::move(logins)} {}

    /// All challenges of one 401 or 407. Errc::unauthorized when none can be answered or our answer was refused: it was not
    /// `stale`, or it was so three times in a row.
    Result<> challenged(std::span<ChallengeHeader const> headers);
    /// A response other than 401 and 407 came: the next challenge is a new one.
    void accepted();
    /// Credentials for a request, one per realm that ever challenged; counts their nonces up. Empty before a challenge.
    std::vector<CredentialsHeader> authorise(std::string_view method, std::string_view uri);

  private:
    struct Answer {
        DigestAlgorithm algorithm{};
        std::string user, ha1, realm, nonce, opaque;
        bool qop = false;             // absent: RFC 2069
        bool names_algorithm = false;
        std::uint32_t count = 0;      // requests sent with this nonce
        int tries = 0;                // since `accepted`
    };
    Login const* login_for(std::string_view realm) const;

    std::vector<Login> logins_;
    std::map<std::pair<bool, std::string>, Answer, std::less<>> answers_;   // by proxy and realm; at most realms_max
};

// --- server -----------------------------------------------------------------------------------------------------------------

/// HA1 per algorithm, in hex; an empty one cannot be used.
struct DigestUser {
    std::string md5;
    std::string sha256;
};

/// Challenges and checks credentials with nonces it need not remember: base64(time, HMAC(key, time, peer)) is valid 60 s for one
/// peer IP. It remembers only the nonce counts seen, of the last 10 000 nonces; older ones are stale.
class DigestServer {
  public:
    enum class OldPhones { md5_too, sha256_only };
    enum class Verdict {
        ok,
        missing,   ///< not for this realm, or not usable: challenge
        stale,     ///< right, but nonce too old or already counted: challenge with stale=true
        refused,   ///< wrong: count it against the source
    };
    struct Checked {
        Verdict verdict = Verdict::missing;
        std::string user;    ///< as claimed; trust it with `ok` only
    };

    DigestServer(Secret key, std::string realm, OldPhones old_phones);

    /// WWW-Authenticate values in order of preference, SHA-256 first (RFC 8760 2.3); every call makes a new nonce.
    std::vector<std::string> challenge(Address const& peer, Steady now, bool stale = false);

    /// One Authorization value. `uri=` is taken as sent. An unknown user costs the same work as a wrong password.
    Checked verify(std::string_view credentials, std::string_view method, Address const& peer, Steady now,
                   std::function<std::optional<DigestUser>(std::string_view user)> const& find_user);

  private:
    enum class Freshness { fresh, old, foreign };
    std::string nonce_for(std::uint64_t time_us, Address const& peer) const;
    Freshness freshness(std::string const& nonce, Address const& peer, Steady now) const;
    bool count(std::string const& nonce, std::uint32_t nc);

    struct Seen {
        std::string nonce;
        std::uint32_t nc;
    };
    Secret key_;
    std::string realm_;
    OldPhones old_phones_;
    std::uint64_t last_time_us_ = 0;          // nonces of one microsecond must differ
    std::uint64_t forgotten_until_us_ = 0;    // a nonce this old and not remembered may have been used
    std::list<Seen> recent_;                  // newest first
    std::unordered_map<std::string, std::list<Seen>::iterator> seen_;
};

}  // namespace boni::sip
