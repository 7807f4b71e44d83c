#include "store/nouns.hpp"

namespace boni::store {

namespace {

json::value document(Cell const& cell) { return json::parse(cell.text).value_or(json::value{}); }
Cell text_cell(json::value const& value) { return {.kind = Cell::Kind::text, .text = json::serialize(value)}; }

template <class T, class Read>
std::vector<T> list(Cell const& cell, Read read) {
    std::vector<T> out;
    auto const value = document(cell);
    if (auto const* const items = value.if_array())
        for (auto const& item : *items) read(out, item);
    return out;
}

template <class T, class Read>
std::map<std::string, T> dictionary(Cell const& cell, Read read) {
    std::map<std::string, T> out;
    auto const value = document(cell);
    if (auto const* const members = value.if_object())
        for (auto const& [key, item] : *members) out[std::string{key}] = read(item);
    return out;
}

template <class T>
Cell dictionary_cell(std::map<std::string, T> const& members) {
    json::object out;
    for (auto const& [key, value] : members) out[key] = value;
    return text_cell(out);
}

}  // namespace

std::string join(std::vector<std::string> const& words, std::string_view before_each, std::string_view between) {
    std::string out;
    for (auto const& word : words) {
        if (!out.empty()) out += between;
        out.append(before_each).append(word);
    }
    return out;
}

std::vector<std::string> CellOf<std::vector<std::string>>::from(Cell const& cell) {
    return list<std::string>(cell, [](auto& out, json::value const& item) { if (item.is_string()) out.emplace_back(item.get_string()); });
}

Cell CellOf<std::vector<model::Scope>>::to(std::vector<model::Scope> const& scopes) {
    json::array out;
    for (auto const scope : scopes) out.emplace_back(name(scope));
    return text_cell(out);
}

std::vector<model::Scope> CellOf<std::vector<model::Scope>>::from(Cell const& cell) {
    return list<model::Scope>(cell, [](auto& out, json::value const& item) {
        if (!item.is_string()) return;
        if (auto const scope = from_name<model::Scope>(std::string_view{item.get_string()})) out.push_back(*scope);
    });
}

Cell CellOf<std::map<std::string, bool>>::to(std::map<std::string, bool> const& switches) { return dictionary_cell(switches); }

std::map<std::string, bool> CellOf<std::map<std::string, bool>>::from(Cell const& cell) {
    return dictionary<bool>(cell, [](json::value const& item) { return item.is_bool() && item.get_bool(); });
}

Cell CellOf<std::map<std::string, double>>::to(std::map<std::string, double> const& figures) { return dictionary_cell(figures); }

std::map<std::string, double> CellOf<std::map<std::string, double>>::from(Cell const& cell) {
    return dictionary<double>(cell, [](json::value const& item) { return item.is_number() ? item.to_number<double>() : 0.0; });
}

model::Target CellOf<model::Target>::from(Cell const& cell) { return model::target_from(CellOf<json::object>::from(cell)); }

Cell CellOf<std::vector<model::Target>>::to(std::vector<model::Target> const& targets) {
    json::array out;
    for (auto const& target : targets) out.emplace_back(target.fields);
    return text_cell(out);
}

std::vector<model::Target> CellOf<std::vector<model::Target>>::from(Cell const& cell) {
    return list<model::Target>(cell, [](auto& out, json::value const& item) {
        if (item.is_object()) out.push_back(model::target_from(item.get_object()));
    });
}

std::vector<model::TeamMember> CellOf<std::vector<model::TeamMember>>::from(Cell const& cell) {
    return list<model::TeamMember>(cell, [](auto& out, json::value const& item) {
        if (item.is_object()) out.push_back(model::member_from(item.as_object()));
    });
}

}  // namespace boni::store
