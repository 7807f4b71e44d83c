// How C++ values become cells of a row and come back. A noun lists its fields once (nouns.hpp); reading, writing and the column
// list follow from that. Pure. Thread: any.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::store {

/// NULL, an integer or bytes: all SQLite needs for our nouns. Instants are microseconds, enums their names, JSON its text.
struct Cell {
    enum class Kind { integer, text };
    Kind kind = Kind::integer;
    bool null = false;
    long long integer = 0;
    std::string text;
};

template <class T>
struct CellOf;

template <class T>
    requires std::is_integral_v<T>
struct CellOf<T> {
    static constexpr auto kind = Cell::Kind::integer;
    static Cell to(T value) { return {.kind = kind, .integer = static_cast<long long>(value)}; }
    static T from(Cell const& cell) { return static_cast<T>(cell.integer); }
};
template <>
struct CellOf<Instant> {
    static constexpr auto kind = Cell::Kind::integer;
    static Cell to(Instant at) { return {.kind = kind, .integer = at.time_since_epoch().count()}; }
    static Instant from(Cell const& cell) { return Instant{std::chrono::microseconds{cell.integer}}; }
};
template <>
struct CellOf<std::string> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(std::string value) { return {.kind = kind, .text = std::move(value)}; }
    static std::string from(Cell& cell) { return std::move(cell.text); }
};
template <class Tag>
struct CellOf<Id<Tag>> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(Id<Tag> const& id) { return {.kind = kind, .text = id.str()}; }
    static Id<Tag> from(Cell& cell) { return Id<Tag>::from(std::move(cell.text)); }
};
/// A word this build does not know (written by a newer one) reads as the first enumerator.
template <class E>
    requires requires { names_of<E>.size(); }
struct CellOf<E> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(E value) { return {.kind = kind, .text = std::string{name(value)}}; }
    static E from(Cell const& cell) { return from_name<E>(cell.text).value_or(E{}); }
};
template <class T>
struct CellOf<std::optional<T>> {
    static constexpr auto kind = CellOf<T>::kind;
    static Cell to(std::optional<T> const& value) { return value ? CellOf<T>::to(*value) : Cell{.kind = kind, .null = true}; }
    static std::optional<T> from(Cell& cell) {
        if (cell.null) return std::nullopt;
        return CellOf<T>::from(cell);
    }
};
template <>
struct CellOf<json::object> {
    static constexpr auto kind = Cell::Kind::text;
    static Cell to(json::object const& value) { return {.kind = kind, .text = json::serialize(value)}; }
    static json::object from(Cell const& cell) {
        auto parsed = json::parse(cell.text);
        return parsed && parsed->is_object() ? std::move(parsed->as_object()) : json::object{};
    }
};

template <class... Args>
std::vector<Cell> cells_of(Args const&... args) {
    std::vector<Cell> out;
    out.reserve(sizeof...(args));
    (out.push_back(CellOf<Args>::to(args)), ...);
    return out;
}

/// Visitors of a noun's `fields`: its column kinds, names, values out and values in.
struct KindsOut {
    std::vector<Cell::Kind> kinds;
    template <class T> void operator()(char const*, T&) { kinds.push_back(CellOf<T>::kind); }
};
struct NamesOut {
    std::vector<std::string> names;
    template <class T> void operator()(char const* name, T&) { names.emplace_back(name); }
};
struct CellsOut {
    std::vector<Cell> cells;
    template <class T> void operator()(char const*, T& value) { cells.push_back(CellOf<T>::to(value)); }
};
struct CellsIn {
    std::span<Cell> cells;
    std::size_t next = 0;
    template <class T> void operator()(char const*, T& value) { value = CellOf<T>::from(cells[next++]); }
};

template <class T>
concept Noun = requires(T& noun, KindsOut& visitor) { fields(visitor, noun); };

template <class T>
std::vector<Cell::Kind> const& kinds_of() {
    static auto const kinds = [] {
        if constexpr (Noun<T>) {
            T noun;
            KindsOut out;
            fields(out, noun);
            return out.kinds;
        } else {
            return std::vector{CellOf<T>::kind};
        }
    }();
    return kinds;
}

template <class T>
std::vector<std::string> names_out() {
    T noun;
    NamesOut out;
    fields(out, noun);
    return out.names;
}
std::string join(std::vector<std::string> const& words, std::string_view before_each, std::string_view between);

/// "SELECT id, key, ... FROM " and the rest, which begins with the table.
template <class T>
std::string select_from(std::string_view rest) {
    static auto const begin = "SELECT " + join(names_out<T>(), "", ", ") + " FROM ";
    return begin + std::string{rest};
}

template <class T>
T read_row(std::span<Cell> row) {
    if constexpr (Noun<T>) {
        T noun;
        CellsIn in{row};
        fields(in, noun);
        return noun;
    } else {
        return CellOf<T>::from(row[0]);
    }
}

}  // namespace boni::store
