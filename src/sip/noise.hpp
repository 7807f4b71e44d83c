// libre prints what it cannot read, and anybody can send it such: here that becomes at most ten log lines a second (sip.md 1.3).
#pragma once

namespace boni::sip {

/// Once per process, before the first loop. Thread: the one that starts the endpoint.
void tame_libre();

}  // namespace boni::sip
