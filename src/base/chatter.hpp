// C libraries print on `stderr` what they cannot read, and what they read comes from anybody: our log is a JSON object per line, and nobody
// else's to write. Thread: any.
#pragma once

#include <initializer_list>
#include <string_view>

namespace boni {

/// Lines with one of these beginnings go to `listener` from now on, without their line break, in the thread that prints them. The first call
/// puts a stream in the place of C's `stderr`, which passes on everything else but empty lines: our own log writes to the descriptor and is
/// not touched. The same listener twice counts once.
void divert_chatter(std::initializer_list<std::string_view> beginnings, void (*listener)(std::string_view line));

}  // namespace boni
