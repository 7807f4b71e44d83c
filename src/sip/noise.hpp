// libre prints what it cannot read, and anybody can send it such: here that becomes at most ten log lines a second (sip.md 1.3).
#pragma once

namespace boni::sip {

/// Once per process, before the first loop. Puts a stream in the place of C's `stderr` that passes everything on but libre's
/// lines; our own log writes to the descriptor and is not touched. Thread: the one that starts the endpoint.
void tame_libre();

}  // namespace boni::sip
