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

/// Of a media type as it came, folded or with blanks around its slash: what it says.
std::string without_blanks(std::string_view type) {
    auto out = lower(type);
    std::erase_if(out, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return out;
}

bool is_content_type(std::string_view field) { return field == "content-type" || field == "c"; }
bool goes_on(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }
bool ends_headers(std::string_view line) { return trim(line).empty() && !goes_on(line); }   // blanks alone are a folded line

class BodyRedaction {
  public:
    /// `types` is every Content-Type the message named.
    explicit BodyRedaction(std::string_view types) {
        auto const low = without_blanks(types);
        multipart_ = low.find("multipart/") != std::string::npos;
        set_part_type(low);
    }

    std::string line(std::string_view line) {
        auto const text = trim(line);
        auto const low = lower(text);
        if (multipart_ && text.starts_with("--")) {
            in_part_headers_ = true;
            digits_ = type_goes_on_ = false;
            part_types_.clear();
            return std::string{line};
        }
        if (in_part_headers_) {
            part_header(line);
            return std::string{line};
        }
        if (low.starts_with("signal") && low.find_first_of("=:") != std::string::npos) return cut_after(line, line.find_first_of("=:") + 1);
        if (digits_ && !text.empty() && !only_length(low)) return std::string{redacted} + std::string{line_end(line)};
        if (low.starts_with("a=ice-pwd:")) return cut_after(line, line.find(':') + 1);
        if (low.starts_with("k=")) return cut_after(line, line.find('=') + 1);
        if (low.starts_with("a=crypto:")) return without_keys(line);
        return std::string{line};
    }

  private:
    void part_header(std::string_view line) {
        if (ends_headers(line)) {
            in_part_headers_ = false;
            return set_part_type(without_blanks(part_types_));
        }
        auto const colon = line.find(':');
        if (!goes_on(line)) type_goes_on_ = colon != std::string_view::npos && is_content_type(lower(trim(line.substr(0, colon))));
        if (type_goes_on_) part_types_ += goes_on(line) ? line : line.substr(colon + 1);
    }
    void set_part_type(std::string_view low) {
        digits_ = low.contains("application/dtmf") || low.contains("digits");   // application/vnd.nortelnetworks.digits
    }
    /// "Duration=160" of application/dtmf-relay.
    static bool only_length(std::string_view low) {
        auto const equals = low.find_first_of("=:");
        return low.starts_with("duration") && equals != std::string_view::npos && all_digits(trim(low.substr(equals + 1)));
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
    bool type_goes_on_ = false;   // the header being read is the part's type, folded lines included
    std::string part_types_;
    bool digits_ = false;         // the body is a key that was pressed, and how long
};

}  // namespace

std::string redact(std::string_view message) {
    std::string out;
    out.reserve(message.size());
    std::string types;
    bool secret = false, type = false;   // the header being read, folded lines included
    auto rest = message;
    out += without_passwords(take_line(rest));
    while (!rest.empty()) {
        auto const line = take_line(rest);
        if (ends_headers(line)) {
            out += line;
            break;
        }
        if (goes_on(line)) {
            if (type) types += line;
            if (!secret) out += without_passwords(line);
            continue;
        }
        auto const colon = line.find(':');
        auto const field = lower(trim(line.substr(0, colon)));
        secret = std::ranges::find(credential_headers, field) != credential_headers.end();
        type = is_content_type(field) && colon != std::string_view::npos;
        if (secret && colon != std::string_view::npos) {
            auto const value = trim(line.substr(colon + 1));
            auto const scheme = value.substr(0, value.find_first_of(" \t"));
            out += line.substr(0, colon + 1);
            if (scheme.size() != value.size() && scheme.find('=') == std::string_view::npos) out += ' ' + std::string{scheme};
            out += ' ' + std::string{redacted} + std::string{line_end(line)};
            continue;
        }
        if (type) types += line.substr(colon + 1);
        out += without_passwords(line);
    }
    BodyRedaction body{types};
    while (!rest.empty()) out += body.line(take_line(rest));
    return out;
}

}  // namespace boni::sip
