#include "http/router.hpp"

#include <span>

#include "http/problem.hpp"
#include "http/response.hpp"

namespace boni::http {

namespace {

using Node = PathTree::Node;

/// "/v1/calls" is {"v1", "calls"}; "/" is {""}, so that a slash at the end is another path.
std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        path.remove_prefix(1);
        out.push_back(path.substr(0, path.find('/')));
        path.remove_prefix(out.back().size());
    }
    return out;
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

/// The node of a path, with the parameters' values in `values`. A literal segment that leads nowhere gives way to a parameter:
/// at most one turn per segment, and the tree is as deep as our own longest path.
Node const* walk(Node const& node, std::span<std::string const> path, std::vector<std::string>& values) {
    if (path.empty()) return node.methods.empty() ? nullptr : &node;
    if (auto const found = node.literal.find(path.front()); found != node.literal.end())
        if (auto const* end = walk(*found->second, path.subspan(1), values)) return end;
    if (!node.parameter || path.front().empty()) return nullptr;
    values.push_back(path.front());
    if (auto const* end = walk(*node.parameter, path.subspan(1), values)) return end;
    values.pop_back();
    return nullptr;
}

auto method_at(Node const& node, std::string_view method) {
    return std::ranges::find_if(node.methods, [method](auto const& one) { return one.first == method; });
}

std::string allowed(Node const& node) {
    std::string out;
    for (auto const& [method, index] : node.methods) {
        out += (out.empty() ? "" : ", ") + method;
        if (method == "GET" && method_at(node, "HEAD") == node.methods.end()) out += ", HEAD";
    }
    return out;
}

Error not_taken(Request const& request, std::string allow) {
    return {Errc::invalid, "this path does not take " + request.method, std::move(allow), "method_not_allowed"};
}

}  // namespace

void PathTree::add(std::string_view method, std::string_view path, std::size_t index) {
    ENSURE(path.starts_with('/'));
    auto* node = &root_;
    std::vector<std::string> names;
    for (auto const segment : segments(path)) {
        auto const parameter = is_parameter(segment);
        if (parameter) names.emplace_back(segment.substr(1, segment.size() - 2));
        auto& next = parameter ? node->parameter : node->literal[std::string{segment}];
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    ENSURE(method_at(*node, method) == node->methods.end());
    node->methods.emplace_back(method, index);
    node->names.push_back(std::move(names));
}

Result<std::size_t> PathTree::find(Request& request) const {
    request.params.clear();
    auto const unknown = [] { return fail(Errc::not_found, "there is nothing at this path", {}, "not_found"); };
    if (!request.path.starts_with('/')) return unknown();
    std::vector<std::string> path;
    for (auto const segment : segments(request.path)) {
        auto decoded = percent_decoded(segment, Plus::literal);
        if (!decoded) return unknown();
        path.push_back(*std::move(decoded));
    }
    std::vector<std::string> values;
    auto const* node = walk(root_, path, values);
    if (!node) return unknown();
    auto found = method_at(*node, request.method);
    if (found == node->methods.end() && request.method == "HEAD") found = method_at(*node, "GET");
    if (found == node->methods.end())
        return std::unexpected(not_taken(request, allowed(*node)));
    auto const& names = node->names[std::size_t(found - node->methods.begin())];
    for (std::size_t at = 0; at < names.size(); ++at) request.params.insert_or_assign(names[at], std::move(values[at]));
    return found->second;
}

Response not_routed(Error const& error, Request const& request) {
    if (error.token != "method_not_allowed") return problem(error, request);
    auto shown = error;
    shown.field.clear();
    auto response = problem(shown, request);
    response.headers.set("Allow", error.field);
    return response;
}

bool reads(Request const& request) { return request.method == "GET" || request.method == "HEAD"; }

Response not_read(Request const& request) { return not_routed(not_taken(request, "GET, HEAD"), request); }

}  // namespace boni::http
