#include "sip/redact.hpp"

#include <algorithm>
#include <array>

#include "sip/text.hpp"

namespace boni::sip {
namespace {

/// Cuts the first line off, its end included.
std::string_view take_line(std::string_view& rest) {
    auto const end = rest.find('\n');
    auto const line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
    rest.remove_prefix(line.size());
    return line;
}

std::string_view line_end(std::string_view line) {
    auto const last = line.find_last_not_of("\r\n");
    return last == std::string_view::npos ? line : line.substr(last + 1);
}

constexpr std::array<std::string_view, 4> credential_headers{"authorization", "proxy-authorization", "authentication-info",
                                                             "proxy-authentication-info"};

/// "sip:user:password@host" loses the password, wherever on the line it stands.
std::string without_passwords(std::string_view line) {
    std::string out;
    auto const low = lower(line);
    std::size_t done = 0;
    for (std::size_t from = 0;;) {
        auto const scheme = std::min(low.find("sip:", from), low.find("sips:", from));
        if (scheme == std::string::npos) break;
        auto const user = low.find(':', scheme) + 1;
        from = user;
        auto const end = std::min(low.find_first_of("@<> \t\r\n\"", user), low.size());
        auto const colon = low.find(':', user);
        if (end == low.size() || low[end] != '@' || colon >= end) continue;
        out += line.substr(done, colon + 1 - done);
        out += redacted;
        done = from = end;
    }
    return out += line.substr(done);
}

class BodyRedaction {
  public:
    /// `type` is the Content-Type of the message.
    explicit BodyRedaction(std::string_view type) { set_type(type); }

    std::string line(std::string_view line) {
        auto const text = trim(line);
        auto const low = lower(text);
        if (multipart_ && text.starts_with("--")) {
            in_part_headers_ = true;
            bare_digits_ = false;
            return std::string{line};
        }
        if (in_part_headers_) {
            if (text.empty()) in_part_headers_ = false;
            if (low.starts_with("content-type") || low.starts_with("c:")) set_part_type(low);
            return std::string{line};
        }
        if (bare_digits_ && !text.empty()) return std::string{redacted} + std::string{line_end(line)};
        if (low.starts_with("signal") && low.find_first_of("=:") != std::string::npos) return cut_after(line, line.find_first_of("=:") + 1);
        if (low.starts_with("a=ice-pwd:")) return cut_after(line, line.find(':') + 1);
        if (low.starts_with("k=")) return cut_after(line, line.find('=') + 1);
        if (low.starts_with("a=crypto:")) return without_keys(line);
        return std::string{line};
    }

  private:
    void set_type(std::string_view type) {
        auto const low = lower(type);
        multipart_ = low.starts_with("multipart/");
        set_part_type(low);
    }
    void set_part_type(std::string_view low) {
        auto const at = low.find("application/dtmf");
        auto const dtmf = at != std::string_view::npos && !low.substr(at).starts_with("application/dtmf-relay");
        bare_digits_ = dtmf || low.find("digits") != std::string_view::npos;   // application/vnd.nortelnetworks.digits
    }
    static std::string cut_after(std::string_view line, std::size_t keep) {
        return std::string{line.substr(0, keep)} + std::string{redacted} + std::string{line_end(line)};
    }
    /// Every "inline:" of RFC 4568; what follows a semicolon is another key.
    static std::string without_keys(std::string_view line) {
        auto const low = lower(line);
        auto const key = low.find("inline:");
        if (key == std::string::npos) return cut_after(line, line.find(':') + 1);
        return cut_after(line, key + 7);
    }

    bool multipart_ = false;
    bool in_part_headers_ = false;
    bool bare_digits_ = false;   // application/dtmf and others: the body is the digit
};

}  // namespace

std::string redact(std::string_view message) {
    std::string out;
    out.reserve(message.size());
    std::string type;
    bool secret = false;   // the header being read, folded lines included
    auto rest = message;
    out += without_passwords(take_line(rest));
    while (!rest.empty()) {
        auto const line = take_line(rest);
        if (trim(line).empty()) {
            out += line;
            break;
        }
        if (line[0] == ' ' || line[0] == '\t') {
            if (!secret) out += without_passwords(line);
            continue;
        }
        auto const colon = line.find(':');
        auto const field = lower(trim(line.substr(0, colon)));
        secret = std::ranges::find(credential_headers, field) != credential_headers.end();
        if (secret && colon != std::string_view::npos) {
            auto const value = trim(line.substr(colon + 1));
            auto const scheme = value.substr(0, value.find_first_of(" \t"));
            out += line.substr(0, colon + 1);
            if (scheme.size() != value.size() && scheme.find('=') == std::string_view::npos) out += ' ' + std::string{scheme};
            out += ' ' + std::string{redacted} + std::string{line_end(line)};
            continue;
        }
        if ((field == "content-type" || field == "c") && colon != std::string_view::npos) type = trim(line.substr(colon + 1));
        out += without_passwords(line);
    }
    BodyRedaction body{type};
    while (!rest.empty()) out += body.line(take_line(rest));
    return out;
}

}  // namespace boni::sip
