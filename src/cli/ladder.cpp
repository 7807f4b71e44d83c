#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const ladder_command;

namespace {

int run_ladder(std::span<char const* const> args) {
    Arguments arguments{ladder_command};
    OperatorClient client{arguments};
    arguments.require_subcommand(0);
    std::string call, tenant, file;
    arguments.add_option("call", call, "id of the call, call_...")->required();
    arguments.add_option("--tenant", tenant, "whose call it is: short name or id")->required()->check(filled);
    arguments.add_option("--pcap", file, "writes a capture file for Wireshark or sngrep instead")->type_name("FILE")->check(filled);
    if (auto const over = arguments.read(args)) return *over;
    client.listed_by("boni cdr --tenant " + tenant);
    auto const path = "/v1/tenants/" + segment(tenant) + "/calls/" + segment(call);
    if (!file.empty()) return client.save(path + "/pcap", file);
    return client.ask("GET", path + "/ladder", {}, {"ms", "direction", "transport", "remote", "summary"});
}

}  // namespace

extern Command const ladder_command{"ladder", "operator: the SIP messages of a call that has ended, to read or as a capture file",
                                    "boni ladder call_01KAR7P3M4N5Q6R7S8T9V0W1X0 --tenant acme --pcap call.pcap", run_ladder};

}  // namespace boni::cli
