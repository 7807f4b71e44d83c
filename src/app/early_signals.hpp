// A signal that comes while the platform is being built waits until somebody listens for it. Thread: main, before any other.
#pragma once

namespace boni::app {

/// SIGTERM, SIGINT and SIGHUP end nothing from now on, and are kept.
void hold_signals();
/// They come now, to whoever listens; those that were held, too. Threads and children that began in between hold them for ever.
void take_signals();

}  // namespace boni::app
