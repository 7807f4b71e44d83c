// The operator's commands ask a running `boni serve` or `boni dev`: over the admin socket, or over the operator's API with a key.
// Thread: main; blocks.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "cli/shell/arguments.hpp"

namespace boni::cli {

class OperatorClient {
  public:
    /// Adds --socket, --operator-api and --json; the environment's BONI_ADMIN_SOCKET, BONI_OPERATOR_API and BONI_OPERATOR_KEY are
    /// their defaults. The API needs the key, the socket does not. `patience`: for the server to say the next word.
    explicit OperatorClient(Arguments& arguments, std::chrono::milliseconds patience = std::chrono::seconds{10});

    /// Asks and prints: a table of these `columns` of the rows in "data", or a line for each member of the one object; with --json the
    /// answer as it came. Returns an Exit: 3 when the server refuses, with its words, 4 when it cannot be reached.
    int ask(std::string_view method, std::string const& path, json::object const& body = {}, std::vector<std::string> const& columns = {});

    /// PATCHes what `chosen`, a subcommand of the command, was told to change, and prints as `ask`. Told of nothing it asks nothing: exit_usage,
    /// with what there is to change.
    int change(CLI::App const& chosen, std::string const& path, json::object const& body);

    /// Asks for a list and prints all of it, following its pages; --json one {"data": [...]}. Exits as `ask`, without half a list.
    int list(std::string const& path, std::vector<std::string> const& columns);

    /// Asks and writes the body as it comes to `file`, or to standard output when that is empty. The file is there when all of it is.
    /// Exits as `ask`; 1 when it cannot be written.
    int save(std::string const& path, std::string const& file);
    bool wants_json() const { return json_; }

    /// The command that lists what this one is about, where it has no `ls` of its own.
    void listed_by(std::string command) { listed_by_ = std::move(command); }

  private:
    struct Reply {
        int status = 0;
        std::string body;
    };
    /// `sink` gets the body of an answer below 400, piece by piece; without one it is in the reply.
    using Sink = std::function<void(std::string_view)>;
    Result<Reply> exchange(std::string_view method, std::string const& path, std::string const& body, Sink const& sink = {});
    int unreachable(Error const& error) const;
    int refused(int status, std::string const& body) const;
    std::string next_step(int status, std::string_view message) const;
    std::string listing() const;
    void print(json::value const& answer, std::vector<std::string> const& columns) const;

    Arguments const& arguments_;
    std::string socket_;
    std::string api_;
    std::string listed_by_;
    std::chrono::milliseconds const patience_;
    bool json_ = false;
};

/// "?name=value&..." of those that have a value, percent-encoded; empty without any.
std::string query(std::vector<std::pair<std::string, std::string>> const& parameters);
/// A segment of a path, percent-encoded.
std::string segment(std::string_view text);

}  // namespace boni::cli
