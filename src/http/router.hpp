// Method and path to a value: "/v1/calls/{call_id}/actions/hangup". What the value is, a handler or a resource, the owner decides.
// Thread: built by one, then read by any.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/request.hpp"

namespace boni::http {

/// The shape of the paths, without the values: a tree of segments. A literal segment goes before a parameter.
class PathTree {
  public:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> literal;
        std::unique_ptr<Node> parameter;
        std::vector<std::pair<std::string, std::size_t>> methods;   ///< method and index of its value
        std::vector<std::vector<std::string>> names;                ///< of the parameters, for each method
    };

    /// The same method and path twice, or a path without a leading slash, is our mistake and ends the program.
    void add(std::string_view method, std::string_view path, std::size_t index);

    /// Index of the value, with request.params set. HEAD finds GET. Errc::not_found `not_found`, Errc::invalid
    /// `method_not_allowed` with the Allow list in `field`.
    Result<std::size_t> find(Request& request) const;

  private:
    Node root_;
};

template <class T>
class Router {
  public:
    void add(std::string_view method, std::string_view path, T value) {
        tree_.add(method, path, values_.size());
        values_.push_back(std::move(value));
    }
    /// Errors as PathTree::find; `not_routed` makes them the 404 or 405 answer.
    Result<T const*> find(Request& request) const {
        TRY(auto const index, tree_.find(request));
        return &values_[index];
    }

  private:
    PathTree tree_;
    std::vector<T> values_;
};

struct Response;
/// The 404 or 405 (with Allow) for an error of `find`.
Response not_routed(Error const& error, Request const& request);

/// For paths that are looked at and nothing else: is it GET or HEAD? If not, their 405.
bool reads(Request const& request);
Response not_read(Request const& request);

}  // namespace boni::http
