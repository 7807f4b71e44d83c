#include "store/backup.hpp"

#include <iostream>

#include <fmt/format.h>

#include "app/private_file.hpp"
#include "cli/shell/settings_file.hpp"

namespace boni::cli {

extern Command const backup_command;

namespace {

std::string manifest_of(std::vector<model::Recording> const& recordings, std::filesystem::path const& folder) {
    std::string text;
    for (auto const& one : recordings)
        text += json::serialize(json::object{{"id", one.id.str()}, {"file", (folder / one.file).string()}, {"sizeBytes", one.bytes}}) + '\n';
    return text;
}

int run_backup(std::span<char const* const> args) {
    Arguments arguments{backup_command};
    SettingsFile file;
    std::string out;
    auto as_json = false;
    file.option_of(arguments);
    arguments.add_option("--out", out, "where the copy goes; the list of recordings goes beside it, as OUT.recordings.jsonl")
        ->required()
        ->type_name("FILE")
        ->check(filled);
    arguments.add_flag("--json", as_json, "what was written, as one JSON object");
    if (auto const over = arguments.read(args)) return *over;
    auto const config = file.load();
    if (!config) return failed("backup", config.error());

    auto const recordings = store::back_up(config->store.file, out);
    if (!recordings) return failed("backup", recordings.error());
    auto const manifest = out + ".recordings.jsonl";
    if (auto const listed = app::write_private(manifest, manifest_of(*recordings, config->recording.folder)); !listed)
        return failed("backup", listed.error());

    auto const key = config->security.master_key_file;
    json::object const written{{"database", out}, {"recordings", manifest}, {"recordingFiles", recordings->size()}};
    if (as_json) std::cout << json::serialize(written) << '\n';
    else std::cout << fmt::format("{}\n{}: {} files to copy\nKeep the master key ({}) apart: without it no secret of the copy can be read.\n",
                                  out, manifest, recordings->size(), key.string());
    return exit_ok;
}

}  // namespace

extern Command const backup_command{"backup", "copies the database of a platform that may be running, and lists its recordings",
                                    "boni backup -c /etc/boni/boni.toml --out /backup/boni.db", run_backup};

}  // namespace boni::cli
