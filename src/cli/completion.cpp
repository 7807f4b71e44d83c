// `boni completion bash|zsh|fish`: the script a shell completes our commands with. The names of commands are in it; subcommands and options
// it reads from `boni COMMAND [SUBCOMMAND] --help`, so it does not age with them. Nothing else that was typed is ever run.
#include <iostream>
#include <string>

#include "cli/shell/arguments.hpp"

namespace boni::cli {

extern Command const completion_command;

namespace {

/// Words that fit after those of "$@", in sh; `$1` is the binary, `$2` the command, `$3` what may be its subcommand.
constexpr std::string_view words = R"sh(_boni_help() { command "$@" --help 2>/dev/null </dev/null; }
_boni_subcommands() { _boni_help "$1" "$2" | awk '/^[A-Za-z]/ { on = /^Subcommands:/ } on && /^  [a-z]/ { print $1 }'; }
_boni_options() { awk '/^ +-/ { n = split($1, all, ","); for (i = 1; i <= n; i++) if (all[i] ~ /^-/) print all[i] }'; }
_boni_words() {
  case " $_boni_commands " in *" $2 "*) ;; *) return ;; esac
  if [ -n "$3" ] && _boni_subcommands "$1" "$2" | grep -qxF -e "$3"; then _boni_help "$1" "$2" "$3" | _boni_options
  else _boni_subcommands "$1" "$2"; fi
  _boni_help "$1" "$2" | _boni_options   # good after a subcommand, too
}
)sh";

constexpr std::string_view bash = R"sh(_boni() {
  local word=${COMP_WORDS[COMP_CWORD]} list=$_boni_commands third=
  if ((COMP_CWORD > 2)); then third=${COMP_WORDS[2]}; fi
  if ((COMP_CWORD > 1)); then list=$(_boni_words "${COMP_WORDS[0]}" "${COMP_WORDS[1]}" "$third"); fi
  COMPREPLY=($(compgen -W "$list" -- "$word"))
}
complete -o default -F _boni boni
)sh";

constexpr std::string_view zsh = R"sh(_boni() {
  local third=
  if (( CURRENT == 2 )); then compadd -- ${=_boni_commands}; return; fi
  if (( CURRENT > 3 )); then third=$words[3]; fi
  compadd -- ${(f)"$(_boni_words "$words[1]" "$words[2]" "$third")"} || _files
}
compdef _boni boni
)sh";

constexpr std::string_view fish = R"sh(function _boni_words
  set -l typed (commandline -opc)
  if test (count $typed) -lt 2; string split ' ' -- $_boni_commands; return; end
  contains -- $typed[2] (string split ' ' -- $_boni_commands); or return
  set -l help (command $typed[1] $typed[2] --help 2>/dev/null </dev/null)
  set -l under (string join \n -- $help | awk '/^[A-Za-z]/ { on = /^Subcommands:/ } on && /^  [a-z]/ { print $1 }')
  if set -q typed[3]; and contains -- $typed[3] $under
    set help $help (command $typed[1] $typed[2] $typed[3] --help 2>/dev/null </dev/null)   # those of the command are good there, too
  else
    string join \n -- $under
  end
  string join \n -- $help | awk '/^ +-/ { n = split($1, all, ","); for (i = 1; i <= n; i++) if (all[i] ~ /^-/) print all[i] }'
end
complete -c boni -a '(_boni_words)'
)sh";

std::string names() {
    std::string all;
    for (auto const* const command : all_cli()) all.append(all.empty() ? "" : " ").append(command->name);
    return all;
}

int run_completion(std::span<char const* const> args) {
    Arguments arguments{completion_command};
    std::string shell;
    arguments.add_option("shell", shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    if (auto const over = arguments.read(args)) return *over;
    if (shell == "fish") std::cout << "set -g _boni_commands '" << names() << "'\n" << fish;
    else std::cout << "_boni_commands='" << names() << "'\n" << words << (shell == "bash" ? bash : zsh);
    return exit_ok;
}

}  // namespace

extern Command const completion_command{"completion", "the script that completes these commands in bash, zsh or fish", "source <(boni completion bash)",
    run_completion};

}  // namespace boni::cli
