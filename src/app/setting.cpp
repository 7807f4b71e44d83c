#include "app/setting.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/edit_distance.hpp"

namespace boni::app {
namespace {

std::unexpected<Error> wrong(std::string expectation) { return fail(Errc::invalid, std::move(expectation)); }

template <class T>
Result<T> as(Value const& value, std::string_view expectation) {
    if (auto const* const held = std::get_if<T>(&value)) return *held;
    return wrong("must be " + std::string{expectation});
}

Result<Address> address_of(Value const& value) {
    TRY(auto const text, as<std::string>(value, "an address and port in quotes, e.g. \"127.0.0.1:5060\""));
    auto const parsed = Address::parse_host_port(text);
    if (!parsed) return wrong(fmt::format("must be a literal address and a port, e.g. \"127.0.0.1:5060\", not \"{}\"", text));
    return *parsed;
}

}  // namespace

std::string Setting::environment() const {
    auto name = fmt::format("BONI_{}__{}", section, key);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return char(std::toupper(c)); });
    return name;
}

Setting& Settings::row(std::string key, std::string sentence, Setting::Kind kind) {
    rows_.push_back({.section = section_, .key = std::move(key), .sentence = std::move(sentence), .kind = kind});
    return rows_.back();
}

void Settings::operator()(std::string key, std::string& field, std::string sentence) {
    auto& made = row(std::move(key), std::move(sentence), Setting::Kind::text);
    made.set = [&field](Value const& value) -> Result<> {
        TRY(field, as<std::string>(value, "a text in quotes"));
        return {};
    };
    made.get = [&field] { return Value{field}; };
}

void Settings::operator()(std::string key, std::string& field, std::string sentence, std::vector<std::string> words) {
    auto& made = row(std::move(key), fmt::format("{}: {}", sentence, fmt::join(words, ", ")), Setting::Kind::text);
    made.set = [&field, words](Value const& value) -> Result<> {
        TRY(auto const text, as<std::string>(value, "a text in quotes"));
        if (std::ranges::find(words, text) == words.end())
            return wrong(fmt::format("must be one of {}, not \"{}\"; did you mean \"{}\"?", fmt::join(words, ", "), text, nearest(text, words)));
        field = text;
        return {};
    };
    made.get = [&field] { return Value{field}; };
}

void Settings::operator()(std::string key, bool& field, std::string sentence) {
    auto& made = row(std::move(key), std::move(sentence), Setting::Kind::flag);
    made.set = [&field](Value const& value) -> Result<> {
        TRY(field, as<bool>(value, "true or false"));
        return {};
    };
    made.get = [&field] { return Value{field}; };
}

void Settings::operator()(std::string key, std::int64_t& field, std::string sentence, Range range) {
    auto& made = row(std::move(key), fmt::format("{} ({}-{})", sentence, range.low, range.high), Setting::Kind::whole);
    made.set = [&field, range](Value const& value) -> Result<> {
        auto const expectation = fmt::format("a whole number from {} to {}", range.low, range.high);
        TRY(auto const number, as<std::int64_t>(value, expectation));
        if (number < range.low || number > range.high) return wrong(fmt::format("must be {}, not {}", expectation, number));
        field = number;
        return {};
    };
    made.get = [&field] { return Value{field}; };
}

void Settings::operator()(std::string key, std::filesystem::path& field, std::string sentence) {
    auto& made = row(std::move(key), std::move(sentence), Setting::Kind::text);
    made.set = [&field](Value const& value) -> Result<> {
        TRY(auto const text, as<std::string>(value, "a path in quotes"));
        field = text;
        return {};
    };
    made.get = [&field] { return Value{field.string()}; };
}

void Settings::operator()(std::string key, Secret& field, std::string sentence) {
    auto& made = row(std::move(key), std::move(sentence), Setting::Kind::text);
    made.secret = true;
    made.set = [&field](Value const& value) -> Result<> {
        TRY(auto text, as<std::string>(value, "a text in quotes"));
        field = Secret{std::move(text)};
        return {};
    };
    made.get = [&field] { return Value{std::string{field.empty() ? "" : "********"}}; };
}

void Settings::operator()(std::string key, Address& field, std::string sentence) {
    auto& made = row(std::move(key), std::move(sentence), Setting::Kind::text);
    made.set = [&field](Value const& value) -> Result<> {
        TRY(field, address_of(value));
        return {};
    };
    made.get = [&field] { return Value{field.text()}; };
}

void Settings::operator()(std::string key, std::optional<Address>& field, std::string sentence) {
    auto& made = row(std::move(key), std::move(sentence) + "; empty: off", Setting::Kind::text);
    made.set = [&field](Value const& value) -> Result<> {
        if (auto const* const text = std::get_if<std::string>(&value); text && text->empty()) {
            field.reset();
            return {};
        }
        TRY(field, address_of(value));
        return {};
    };
    made.get = [&field] { return Value{field ? field->text() : std::string{}}; };
}

void Settings::operator()(std::string key, std::vector<std::string>& field, std::string sentence) {
    auto& made = row(std::move(key), std::move(sentence), Setting::Kind::list);
    made.set = [&field](Value const& value) -> Result<> {
        TRY(field, as<std::vector<std::string>>(value, "a list of texts"));
        return {};
    };
    made.get = [&field] { return Value{field}; };
}

Setting const* Settings::find(std::string_view section, std::string_view key) const {
    auto const found = std::ranges::find_if(rows_, [&](Setting const& one) { return one.section == section && one.key == key; });
    return found == rows_.end() ? nullptr : &*found;
}

}  // namespace boni::app
