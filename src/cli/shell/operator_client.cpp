#include "cli/shell/operator_client.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/shell/operator_door.hpp"

namespace boni::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view nothing_there = "there is nothing at this path";   // not that what it names is not there
constexpr std::size_t reply_bytes_max = 64 * 1024 * 1024;   // a list of every number there is

std::string variable(char const* name) {
    auto const* const value = std::getenv(name);
    return value ? value : "";
}

std::string cell(json::value const* value) {
    if (!value) return "-";
    if (value->is_string()) return std::string{value->as_string()};
    return json::serialize(*value);
}

void print_table(json::array const& rows, std::vector<std::string> const& columns) {
    std::vector<std::vector<std::string>> lines{columns};
    std::vector<std::size_t> widths(columns.size(), 0);
    for (auto const& row : rows) {
        auto& line = lines.emplace_back();
        for (auto const& column : columns) line.push_back(row.is_object() ? cell(json::find(row.as_object(), column)) : "-");
    }
    for (auto const& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
    for (auto const& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) text += i + 1 < line.size() ? fmt::format("{:{}}  ", line[i], widths[i]) : line[i];
        std::cout << text << '\n';
    }
}

}  // namespace

/// What the server said, and what to do about it.
int OperatorClient::refused(int status, std::string const& body) const {
    auto const document = json::parse(body);
    auto const said = [&](std::string_view name) {
        return document && document->is_object() ? json::text_or_empty(document->as_object(), name) : std::string{};
    };
    auto const message = said("message");
    std::cerr << fmt::format("boni: {} ({} {}), request {}\n{}\n", message, status, said("error"), said("requestId"), next_step(status, message));
    return exit_refused;
}

std::string OperatorClient::next_step(int status, std::string_view message) const {
    auto const what_is_there = message == "no such tenant" ? "boni tenant ls" : listing();
    auto const chosen = arguments_.get_subcommands();
    if (status == 401) return "set BONI_OPERATOR_KEY to a vp_oper_ key, made with: boni key create --operator";
    if (status == 403) return "run it as root or as the platform's own user, or use --operator-api with a key";
    if (message == nothing_there) return fmt::format("is {} the operator API of this version?", api_.empty() ? socket_ : api_);
    if ((status == 404 || status == 409) && !what_is_there.empty()) return "list what is there with: " + what_is_there;
    if (status == 429 || status == 503) return "try again in a moment";
    if (status >= 500 || status == 404 || status == 409) return "the server's log tells more of this request";
    return fmt::format("see {}{} --help", arguments_.get_name(), chosen.empty() ? "" : ' ' + chosen.front()->get_name());
}

/// "boni key ls --tenant acme"; empty where nothing lists it.
std::string OperatorClient::listing() const {
    auto const ls = arguments_.get_subcommands([](CLI::App const* one) { return one->get_name() == "ls"; });
    if (ls.empty()) return listed_by_;
    auto text = arguments_.get_name() + " ls";
    auto const* const everybodys = arguments_.get_option_no_throw("--operator");
    if (everybodys && everybodys->count() > 0) return text + " --operator";
    auto const* const of_one = ls.front()->get_option_no_throw("--tenant");
    if (!of_one || (!of_one->get_required() && !everybodys)) return text;
    for (auto const* const chosen : arguments_.get_subcommands())
        if (auto const* const tenant = chosen->get_option_no_throw("--tenant"); tenant && tenant->count() > 0)
            text += " --tenant " + tenant->results().front();
    return text;
}

OperatorClient::OperatorClient(Arguments& arguments, milliseconds patience)
    : arguments_{arguments}, socket_{variable("BONI_ADMIN_SOCKET")}, api_{variable("BONI_OPERATOR_API")}, patience_{patience} {
    if (socket_.empty()) socket_ = "/run/boni/admin.sock";
    arguments.add_option("--socket", socket_, fmt::format("the server's admin socket [{}]", socket_))->type_name("PATH")->check(filled);
    arguments.add_option("--operator-api", api_, "its operator API instead; the key is in BONI_OPERATOR_KEY")->type_name("URL")->check(filled);
    arguments.add_flag("--json", json_, "the answer as it came");
    arguments.require_subcommand(1);
    arguments.fallthrough();
}

Result<OperatorClient::Reply> OperatorClient::exchange(std::string_view method, std::string const& path, std::string const& body, Sink const& sink) {
    if (!is_utf8(body)) return fail(Errc::invalid, "what is no UTF-8 cannot be sent");
    OperatorDoor const door{.socket = socket_, .api = api_, .patience = patience_};
    OperatorRequest const request{.method = method, .path = path, .key = api_.empty() ? std::string{} : variable("BONI_OPERATOR_KEY"), .body = body};
    Reply reply;
    auto const asked = cli::exchange(door, request, [&](int status, std::string_view bytes) {
        reply.status = status == 0 ? 500 : status;
        if (sink && status < 400) sink(bytes);
        else if (reply.body.size() + bytes.size() <= reply_bytes_max) reply.body += bytes;
        else throw std::runtime_error{"the answer is larger than any list of ours"};
    });
    if (asked) return reply;
    if (asked.error().code == Errc::invalid) return std::unexpected(asked.error());
    auto const kept_out = api_.empty() && asked.error().what.contains("Permission denied");
    auto const* const next = kept_out         ? "it is for root, the platform's own user and its group"
                             : api_.empty() ? "is `boni serve` or `boni dev` running, and is this its socket (--socket)?"
                                            : "is this its operator API?";
    return fail(Errc::unavailable, fmt::format("{}: {}; {}", api_.empty() ? socket_ : api_, asked.error().what, next));
}

int OperatorClient::ask(std::string_view method, std::string const& path, json::object const& body, std::vector<std::string> const& columns) {
    auto const reply = exchange(method, path, method == "GET" || method == "DELETE" ? std::string{} : json::serialize(body));
    if (!reply) return unreachable(reply.error());
    if (reply->status >= 400) return refused(reply->status, reply->body);
    if (json_) {
        if (!reply->body.empty()) std::cout << reply->body << '\n';
        return exit_ok;
    }
    if (reply->body.empty()) return exit_ok;
    auto const answer = json::parse(reply->body);
    if (!answer) {
        std::cerr << "boni: the server's answer is no JSON; is this a boni?\n";
        return exit_unreachable;
    }
    print(*answer, columns);
    return exit_ok;
}

int OperatorClient::change(CLI::App const& chosen, std::string const& path, json::object const& body) {
    if (!body.empty()) return ask("PATCH", path, body);
    std::string names;
    for (auto const* const option : chosen.get_options())
        if (!option->get_positional() && !option->get_required() && option != chosen.get_help_ptr())
            names += (names.empty() ? "" : ", ") + option->get_name();
    std::cerr << fmt::format("{}: nothing is changed without one of {}\nsee {} {} --help\n", arguments_.get_name(), names, arguments_.get_name(),
                             chosen.get_name());
    return exit_usage;
}

int OperatorClient::list(std::string const& path, std::vector<std::string> const& columns) {
    json::array rows;
    for (std::string cursor;;) {
        auto const reply = exchange("GET", path + query({{"limit", "100"}, {"cursor", cursor}}), {});
        if (!reply) return unreachable(reply.error());
        if (reply->status >= 400) return refused(reply->status, reply->body);
        auto const answer = json::parse(reply->body);
        auto const* const page = answer && answer->is_object() ? json::array_at(answer->as_object(), "data") : nullptr;
        if (!page) return unreachable({Errc::unavailable, "the server's answer is no list; is this a boni?"});
        rows.insert(rows.end(), page->begin(), page->end());
        auto next = json::text(answer->as_object(), "nextCursor");
        if (!next || page->empty()) break;
        cursor = *next;
    }
    if (json_) std::cout << json::serialize(json::object{{"data", std::move(rows)}}) << '\n';
    else print_table(rows, columns);
    return exit_ok;
}

int OperatorClient::unreachable(Error const& error) const {
    std::cerr << "boni: " << error.what << '\n';
    return error.code == Errc::invalid ? exit_usage : exit_unreachable;
}

/// Beside the file first: half an export under its name would pass for one.
int OperatorClient::save(std::string const& path, std::string const& file) {
    auto const beside = file + ".part";
    std::ofstream out;
    if (!file.empty()) {
        out.open(beside, std::ios::binary | std::ios::trunc);
        std::error_code ignored;
        std::filesystem::permissions(beside, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
    }
    auto& to = file.empty() ? static_cast<std::ostream&>(std::cout) : out;
    auto const reply = exchange("GET", path, {}, [&](std::string_view bytes) { to.write(bytes.data(), std::streamsize(bytes.size())); });
    auto const written = bool(to.flush());
    if (!file.empty()) out.close();
    std::error_code failed;
    if (!file.empty() && reply && reply->status < 400 && written) std::filesystem::rename(beside, file, failed);
    else if (!file.empty()) std::filesystem::remove(beside, failed);
    if (!reply) return unreachable(reply.error());
    if (reply->status >= 400) return refused(reply->status, reply->body);
    if (written && !failed) return exit_ok;
    std::cerr << fmt::format("boni: {} cannot be written\n", file.empty() ? "standard output" : file);
    return exit_failed;
}

void OperatorClient::print(json::value const& answer, std::vector<std::string> const& columns) const {
    if (!answer.is_object()) return;
    auto const& top = answer.as_object();
    if (auto const* const rows = json::array_at(top, "data")) {
        print_table(*rows, columns);
        if (auto const next = json::text(top, "nextCursor")) std::cerr << fmt::format("there is more: --cursor {}\n", *next);
        return;
    }
    for (auto const& member : top) std::cout << fmt::format("{:22} {}\n", std::string_view{member.key()}, cell(&member.value()));
}

std::string query(std::vector<std::pair<std::string, std::string>> const& parameters) {
    std::string out;
    for (auto const& [name, value] : parameters)
        if (!value.empty()) out += fmt::format("{}{}={}", out.empty() ? '?' : '&', name, segment(value));
    return out;
}

std::string segment(std::string_view text) {
    std::string out;
    for (unsigned char const c : text) {
        auto const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        out += plain ? std::string(1, char(c)) : fmt::format("%{:02X}", c);
    }
    return out;
}

}  // namespace boni::cli
