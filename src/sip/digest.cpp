#include "sip/digest.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

constexpr std::size_t header_max = 4096;
constexpr std::size_t parameters_max = 32;
constexpr std::size_t realms_max = 4;          // proxies on a path that ask for credentials of their own
constexpr std::size_t nonces_max = 10'000;     // whose counts the server remembers
constexpr int tries_max = 3;                   // a server that calls every nonce stale is not asked for ever
constexpr std::uint64_t nonce_life_us = 60'000'000;
constexpr std::uint64_t clock_step_us = 1'000'000;   // a nonce may come from our own future by this much

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void skip_space(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

std::string take_token(std::string_view& text) {
    auto const end = text.find_first_of(" \t\r\n,=\"");
    std::string out{text.substr(0, end)};
    text.remove_prefix(out.size());
    return out;
}

std::optional<std::string> take_quoted(std::string_view& text) {
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return out;
        }
        if (text[i] == '\\' && ++i == text.size()) break;
        out += text[i];
    }
    return std::nullopt;
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string_view algorithm_name(DigestAlgorithm algorithm) { return algorithm == DigestAlgorithm::sha256 ? "SHA-256" : "MD5"; }

std::string digest_of(DigestAlgorithm algorithm, std::string_view text) {
    return algorithm == DigestAlgorithm::sha256 ? sha256_hex(text) : md5_hex(text);
}

/// Absent means MD5 (RFC 7616 3.3); the -sess variants and others are nobody's here.
std::optional<DigestAlgorithm> algorithm_of(std::map<std::string, std::string> const& parameters) {
    auto const found = parameters.find("algorithm");
    if (found == parameters.end()) return DigestAlgorithm::md5;
    auto const word = lower(found->second);
    if (word == "md5") return DigestAlgorithm::md5;
    if (word == "sha-256") return DigestAlgorithm::sha256;
    return std::nullopt;
}

bool offers_auth(std::string_view list) {
    while (!list.empty()) {
        auto const comma = list.find(',');
        auto word = lower(list.substr(0, comma));
        std::erase_if(word, is_space);
        if (word == "auth") return true;
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
    return false;
}

/// A nonce ends with its process: it needs no clock that somebody may set, and then calls everybody stale.
std::uint64_t microseconds_of(Steady now) { return std::uint64_t(std::chrono::floor<std::chrono::microseconds>(now.time_since_epoch()).count()); }

/// When a nonce of ours was made: its first eight bytes.
std::uint64_t time_of(std::string_view nonce_bytes) {
    std::uint64_t time_us = 0;
    for (auto const byte : nonce_bytes.substr(0, 8)) time_us = time_us << 8 | static_cast<unsigned char>(byte);
    return time_us;
}

std::string value_or_empty(std::map<std::string, std::string> const& parameters, std::string const& name) {
    auto const found = parameters.find(name);
    return found == parameters.end() ? std::string{} : found->second;
}

bool fit_for_a_header(std::string_view text) { return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos; }

}  // namespace

Result<std::map<std::string, std::string>> digest_parameters(std::string_view value) {
    if (value.size() > header_max) return fail(Errc::malformed, "the digest header is longer than 4 KiB");
    skip_space(value);
    if (lower(take_token(value)) != "digest" || value.empty() || !is_space(value.front()))
        return fail(Errc::malformed, "the authentication scheme is not Digest");
    std::map<std::string, std::string> out;
    while (true) {
        skip_space(value);
        if (value.starts_with(',')) {   // empty list elements are allowed (RFC 7230 7)
            value.remove_prefix(1);
            continue;
        }
        if (value.empty()) return out;
        auto const key = lower(take_token(value));
        skip_space(value);
        if (key.empty() || !value.starts_with('=')) return fail(Errc::malformed, "a digest parameter is not name=value");
        value.remove_prefix(1);
        skip_space(value);
        auto text = value.starts_with('"') ? take_quoted(value) : std::optional{take_token(value)};
        if (!text || !fit_for_a_header(*text)) return fail(Errc::malformed, fmt::format("the digest parameter '{}' has no valid value", key));
        if (!out.emplace(key, *std::move(text)).second) return fail(Errc::malformed, fmt::format("the digest parameter '{}' is repeated", key));
        if (out.size() > parameters_max) return fail(Errc::malformed, "the digest header has more than 32 parameters");
        skip_space(value);
        if (!value.empty() && !value.starts_with(',')) return fail(Errc::malformed, "digest parameters are not separated by commas");
    }
}

std::string digest_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm, std::string_view password) {
    return digest_of(algorithm, fmt::format("{}:{}:{}", user, realm, password));
}

std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1, std::string_view nonce, std::string_view nc,
                            std::string_view cnonce, std::string_view method, std::string_view uri) {
    auto const ha2 = digest_of(algorithm, fmt::format("{}:{}", method, uri));
    if (nc.empty()) return digest_of(algorithm, fmt::format("{}:{}:{}", ha1, nonce, ha2));
    return digest_of(algorithm, fmt::format("{}:{}:{}:{}:auth:{}", ha1, nonce, nc, cnonce, ha2));
}

// --- client -----------------------------------------------------------------------------------------------------------------

Login const* DigestClient::login_for(std::string_view realm) const {
    for (auto const& login : logins_)
        if (login.realm == realm) return &login;
    for (auto const& login : logins_)
        if (login.realm.empty()) return &login;
    return nullptr;
}

Result<> DigestClient::challenged(std::span<ChallengeHeader const> headers) {
    std::map<std::pair<bool, std::string>, std::pair<Answer, bool>> offered;   // the best challenge of each realm, and its `stale`
    for (auto const& header : headers) {
        auto const parameters = digest_parameters(header.value);
        if (!parameters) continue;
        auto const algorithm = algorithm_of(*parameters);
        auto const qop = parameters->find("qop");
        if (!algorithm || (qop != parameters->end() && !offers_auth(qop->second))) continue;
        if (!parameters->contains("realm") || !parameters->contains("nonce")) continue;
        auto const& realm = parameters->at("realm");
        auto const* const login = login_for(realm);
        if (!login) continue;
        auto const key = std::pair{header.proxy, realm};
        auto const best = offered.find(key);
        if (best != offered.end() && best->second.first.algorithm >= *algorithm) continue;
        if (best == offered.end() && offered.size() == realms_max) continue;
        Answer answer{.algorithm = *algorithm, .user = login->user, .realm = realm, .nonce = parameters->at("nonce")};
        answer.ha1 = digest_ha1(*algorithm, login->user, realm, login->secret.reveal());
        answer.opaque = value_or_empty(*parameters, "opaque");
        answer.qop = qop != parameters->end();
        answer.names_algorithm = parameters->contains("algorithm");
        offered.insert_or_assign(key, std::pair{std::move(answer), lower(value_or_empty(*parameters, "stale")) == "true"});
    }
    if (offered.empty()) return fail(Errc::unauthorized, "no challenge that our credentials and algorithms could answer");
    for (auto& [key, challenge] : offered) {
        auto const before = answers_.find(key);
        auto const tries = before == answers_.end() ? 0 : before->second.tries;
        if (tries > 0 && !challenge.second) return fail(Errc::unauthorized, fmt::format("the credentials for realm '{}' were refused", key.second));
        if (tries >= tries_max) return fail(Errc::unauthorized, fmt::format("realm '{}' calls every nonce stale", key.second));
        if (before == answers_.end() && answers_.size() == realms_max) return fail(Errc::unauthorized, "more realms than a call can pass");
        challenge.first.tries = tries + 1;
        answers_.insert_or_assign(key, std::move(challenge.first));
    }
    return {};
}

void DigestClient::accepted() {
    for (auto& [key, answer] : answers_) answer.tries = 0;
}

std::vector<CredentialsHeader> DigestClient::authorise(std::string_view method, std::string_view uri) {
    std::vector<CredentialsHeader> out;
    for (auto& [key, answer] : answers_) {
        std::array<std::uint8_t, 16> random{};
        random_bytes(random);
        auto const cnonce = hex(random);
        auto const nc = answer.qop ? fmt::format("{:08x}", ++answer.count) : std::string{};
        auto const response = digest_response(answer.algorithm, answer.ha1, answer.nonce, nc, cnonce, method, uri);
        auto value = fmt::format("Digest username={}, realm={}, nonce={}, uri={}, response=\"{}\"", in_quotes(answer.user),
                                 in_quotes(answer.realm), in_quotes(answer.nonce), in_quotes(uri), response);
        if (answer.names_algorithm) value += fmt::format(", algorithm={}", algorithm_name(answer.algorithm));
        if (answer.qop) value += fmt::format(", qop=auth, nc={}, cnonce=\"{}\"", nc, cnonce);
        if (!answer.opaque.empty()) value += ", opaque=" + in_quotes(answer.opaque);
        out.push_back({key.first, std::move(value)});
    }
    return out;
}

// --- server -----------------------------------------------------------------------------------------------------------------

DigestServer::DigestServer(Secret key, std::string realm, OldPhones old_phones)
    : key_{std::move(key)}, realm_{std::move(realm)}, old_phones_{old_phones} {
    ENSURE(!key_.empty());
}

std::string DigestServer::nonce_for(std::uint64_t time_us, Address const& peer) const {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += char(time_us >> shift & 0xff);
    auto const mac = hmac_sha256(key_.reveal(), bytes + peer.ip_text());   // the port of a phone on TCP changes with its connection
    bytes.append(mac.begin(), mac.end());
    return base64(bytes);
}

std::vector<std::string> DigestServer::challenge(Address const& peer, Steady now, bool stale) {
    last_time_us_ = std::max(last_time_us_ + 1, microseconds_of(now));
    auto const nonce = nonce_for(last_time_us_, peer);
    std::vector<std::string> out;
    for (auto const algorithm : {DigestAlgorithm::sha256, DigestAlgorithm::md5}) {
        if (algorithm == DigestAlgorithm::md5 && old_phones_ == OldPhones::sha256_only) continue;
        out.push_back(fmt::format("Digest realm={}, nonce=\"{}\", algorithm={}, qop=\"auth\"{}", in_quotes(realm_), nonce,
                                  algorithm_name(algorithm), stale ? ", stale=true" : ""));
    }
    return out;
}

DigestServer::Freshness DigestServer::freshness(std::string const& nonce, Address const& peer, Steady now) const {
    auto const bytes = unbase64(nonce);
    if (!bytes || bytes->size() != 8 + Sha256{}.size()) return Freshness::foreign;
    auto const time_us = time_of(*bytes);
    if (!same_secret(nonce, nonce_for(time_us, peer))) return Freshness::foreign;
    auto const now_us = microseconds_of(now);
    if (time_us > now_us + clock_step_us || now_us > time_us + nonce_life_us) return Freshness::old;
    return time_us <= forgotten_until_us_ && !seen_.contains(nonce) ? Freshness::old : Freshness::fresh;
}

/// False for a count that is not above the last one of this nonce: somebody repeats what he overheard.
bool DigestServer::count(std::string const& nonce, std::uint32_t nc) {
    if (auto const found = seen_.find(nonce); found != seen_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second);
        if (nc <= found->second->nc) return false;
        found->second->nc = nc;
        return true;
    }
    if (recent_.size() == nonces_max) {
        forgotten_until_us_ = std::max(forgotten_until_us_, time_of(*unbase64(recent_.back().nonce)));
        seen_.erase(recent_.back().nonce);
        recent_.pop_back();
    }
    recent_.push_front({nonce, nc});
    seen_.emplace(nonce, recent_.begin());
    return true;
}

DigestServer::Checked DigestServer::verify(std::string_view credentials, std::string_view method, Address const& peer, Steady now,
                                           std::function<std::optional<DigestUser>(std::string_view user)> const& find_user) {
    auto const parameters = digest_parameters(credentials);
    if (!parameters || value_or_empty(*parameters, "realm") != realm_) return {};
    auto const algorithm = algorithm_of(*parameters);
    if (!algorithm || (*algorithm == DigestAlgorithm::md5 && old_phones_ == OldPhones::sha256_only)) return {};
    auto const nc_text = value_or_empty(*parameters, "nc");
    std::uint32_t nc = 0;
    auto const [end, error] = std::from_chars(nc_text.data(), nc_text.data() + nc_text.size(), nc, 16);
    auto const counts = nc_text.size() == 8 && error == std::errc{} && end == nc_text.data() + nc_text.size() && nc > 0;
    auto const cnonce = value_or_empty(*parameters, "cnonce");
    if (!counts || cnonce.empty() || lower(value_or_empty(*parameters, "qop")) != "auth") return {};

    Checked checked{.user = value_or_empty(*parameters, "username")};
    auto const user = find_user(checked.user).value_or(DigestUser{});
    auto const& stored = *algorithm == DigestAlgorithm::sha256 ? user.sha256 : user.md5;
    auto const dummy = digest_of(*algorithm, hex(hmac_sha256(key_.reveal(), checked.user)));   // as long as a real one, and known to nobody
    auto const nonce = value_or_empty(*parameters, "nonce");
    auto const expected = digest_response(*algorithm, stored.empty() ? dummy : stored, nonce, nc_text, cnonce, method,
                                          value_or_empty(*parameters, "uri"));
    auto const right = same_secret(lower(value_or_empty(*parameters, "response")), expected);
    auto const fresh = freshness(nonce, peer, now);
    if (!right || stored.empty()) checked.verdict = Verdict::refused;
    else if (fresh == Freshness::foreign) checked.verdict = Verdict::stale;   // the phone moved to another address, or our key is new
    else checked.verdict = fresh == Freshness::fresh && count(nonce, nc) ? Verdict::ok : Verdict::stale;
    return checked;
}

}  // namespace boni::sip
