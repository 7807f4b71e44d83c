// A setting as a row: where it stands, what it means, how it is read and shown. Config lists each field once (config.hpp); everything
// else, file, environment, example and checks, walks the rows. Thread: any; rows refer to the Config they were made from.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace boni::app {

/// What TOML or an environment variable holds.
using Value = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

/// Lowest and highest value of a whole number; the unit is in the setting's name.
struct Range {
    std::int64_t low = 0;
    std::int64_t high = 0;
};

struct Setting {
    std::string section;                            ///< "sip"
    std::string key;                                ///< "sessions_max"
    std::string sentence;                           ///< what it does, unit and range included
    enum class Kind { text, whole, flag, list } kind = Kind::text;
    bool secret = false;                            ///< never shown
    /// Errc::invalid; `what` says the expectation only, "must be ...": who reads it adds the place.
    std::function<Result<>(Value const&)> set;
    std::function<Value()> get;

    std::string name() const { return section + "." + key; }
    std::string environment() const;                ///< "BONI_SIP__SESSIONS_MAX"
};

/// Makes rows of the fields of one section: the visitor that `fields` is called with.
class Settings {
  public:
    template <class Section>
    void operator()(std::string section, Section& in, std::string sentence) {
        section_ = section;
        sections_.emplace_back(std::move(section), std::move(sentence));
        in.fields(*this);
    }
    void operator()(std::string key, std::string& field, std::string sentence);
    void operator()(std::string key, bool& field, std::string sentence);
    void operator()(std::string key, std::int64_t& field, std::string sentence, Range range);
    void operator()(std::string key, std::filesystem::path& field, std::string sentence);
    void operator()(std::string key, Secret& field, std::string sentence);
    /// "host:port", a literal address; an optional one is off when the text is empty.
    void operator()(std::string key, Address& field, std::string sentence);
    void operator()(std::string key, std::optional<Address>& field, std::string sentence);
    void operator()(std::string key, std::vector<std::string>& field, std::string sentence);
    /// One of `words`.
    void operator()(std::string key, std::string& field, std::string sentence, std::vector<std::string> words);

    std::vector<Setting> const& rows() const { return rows_; }
    std::vector<std::pair<std::string, std::string>> const& sections() const { return sections_; }
    Setting const* find(std::string_view section, std::string_view key) const;

  private:
    Setting& row(std::string key, std::string sentence, Setting::Kind kind);
    std::string section_;
    std::vector<std::pair<std::string, std::string>> sections_;
    std::vector<Setting> rows_;
};

}  // namespace boni::app
