// Standard input, output and error as a command finds and leaves them. Thread: main.
#pragma once

namespace boni::cli {

/// A file or socket that were opened where one of the three is closed would be read and written as it.
void open_standard_streams();
/// The command's exit code, or exit_failed, with a word on standard error, when what it printed did not get there: half a list or a key
/// that is shown once must not pass for all of it.
int after_output(int code);

}  // namespace boni::cli
