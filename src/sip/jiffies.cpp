// The clock of libre's timers: transactions, DNS, connections, and ours beside them. Thread: any.
#include "base/clock.hpp"
#include "sip/re.hpp"

/// In the place of libre's own, which asks the wall clock: set back by an hour, nothing that waits is sent again, no line registered and no
/// trunk asked for that hour; set forward, every transaction has timed out. libre calls it by the dynamic linker, which takes the program's.
extern "C" __attribute__((visibility("default"))) std::uint64_t tmr_jiffies() {
    using namespace std::chrono;
    return std::uint64_t(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}
