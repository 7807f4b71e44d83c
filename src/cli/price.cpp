#include <fmt/format.h>

#include "base/number.hpp"
#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const price_command;

namespace {

std::vector<std::string> const price_columns{"plan", "version", "validFrom", "prices"};

/// "inbound_call_minutes=0.65/60/1000": rupees, then pulse and included quantity, which may be left out.
Result<json::object> prices_of(std::vector<std::string> const& texts) {
    json::object out;
    for (auto const& text : texts) {
        auto const refused = [&] { return fail(Errc::invalid, fmt::format("'{}' must be TYPE=RUPEES or TYPE=RUPEES/PULSE/INCLUDED", text)); };
        auto const equals = text.find('=');
        if (equals == 0 || equals == std::string::npos) return refused();
        json::object price;
        auto last = false;
        auto rest = std::string_view{text}.substr(equals + 1);
        for (auto const* const name : {"priceInr", "pulse", "included"}) {
            auto const part = rest.substr(0, rest.find('/'));
            auto const figure = number_of<double>(part);
            if (!figure) return refused();
            price[name] = *figure;
            last = part.size() == rest.size();
            if (last) break;
            rest.remove_prefix(part.size() + 1);
        }
        if (!last) return refused();
        auto const type = text.substr(0, equals);
        if (out.contains(type)) return fail(Errc::invalid, fmt::format("'{}' has its price twice", type));
        out[type] = std::move(price);
    }
    return out;
}

int run_price(std::span<char const* const> args) {
    Arguments arguments{price_command};
    OperatorClient client{arguments};
    std::string plan;
    std::string from;
    std::vector<std::string> prices;
    auto* const ls = arguments.add_subcommand("ls", "every card of every plan");
    auto* const add = arguments.add_subcommand("add", "a new version of a plan's whole card: what it does not name is free; calls that began before "
                                                      "it keep their prices");
    add->add_option("plan", plan, "the plan's name, as tenants have it")->required();
    add->add_option("--from", from, "first day in India it is valid, YYYY-MM-DD; default: from now on")->check(filled);
    add->add_option("--price", prices, "what one unit costs, e.g. inbound_call_minutes=0.65/60/1000; repeatable")
        ->type_name("TYPE=RUPEES[/PULSE[/INCLUDED]]")->allow_extra_args(false)->required();
    if (auto const over = arguments.read(args)) return *over;

    if (ls->parsed()) return client.list("/v1/prices", price_columns);
    auto const wished = prices_of(prices);
    if (!wished) return misused("price", wished.error());
    json::object body{{"prices", *wished}};
    if (!from.empty()) body["validFrom"] = from;
    return client.ask("POST", "/v1/plans/" + segment(plan) + "/prices", body);
}

}  // namespace

extern Command const price_command{"price", "operator: what usage costs, by plan and version",
                                   "boni price add launch --from 2027-01-01 --price inbound_call_minutes=0.65/60/1000", run_price};

}  // namespace boni::cli
