#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const whatsapp_command;

namespace {

std::vector<std::string> const whatsapp_columns{"phoneNumber", "id", "tenantId", "callingStatus", "consentStatus", "phoneNumberId", "wabaId",
                                                "reason"};

int run_whatsapp(std::span<char const* const> args) {
    Arguments arguments{whatsapp_command};
    OperatorClient client{arguments};
    std::string tenant;
    std::string number;
    std::vector<std::pair<std::string, std::string>> fields{{"callingStatus", {}}, {"consentStatus", {}}, {"reason", {}}};
    auto* const ls = arguments.add_subcommand("ls", "WhatsApp numbers of all tenants, and how far calling on them is");
    auto* const verify = arguments.add_subcommand("verify", "what you found at Meta; a number that becomes active is told by whatsapp_calling.enabled");
    verify->add_option("--tenant", tenant, "short name or id")->required()->check(filled);
    verify->add_option("number", number, "E.164 or num_...")->required();
    verify->add_option("--status", fields[0].second, "active, failing or disabled")->required()->check(filled);
    verify->add_option("--consent", fields[1].second, "unknown, not_required, available or unavailable")->check(filled);
    verify->add_option("--reason", fields[2].second, "why it fails or is off");
    if (auto const over = arguments.read(args)) return *over;

    if (ls->parsed()) return client.list("/v1/whatsapp-numbers", whatsapp_columns);
    json::object body;
    for (auto const& [name, value] : fields)
        if (!value.empty()) body[name] = value;
    return client.ask("PATCH", "/v1/tenants/" + segment(tenant) + "/whatsapp-numbers/" + segment(number), body);
}

}  // namespace

extern Command const whatsapp_command{"whatsapp", "operator: WhatsApp numbers and their verification at Meta",
                                      "boni whatsapp verify --tenant acme +918050000001 --status active", run_whatsapp};

}  // namespace boni::cli
