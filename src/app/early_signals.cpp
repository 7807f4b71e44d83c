#include "app/early_signals.hpp"

#include <csignal>

namespace boni::app {
namespace {

sigset_t ours() {
    sigset_t set;
    sigemptyset(&set);
    for (int const one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, one);
    return set;
}

}  // namespace

void hold_signals() {
    auto const set = ours();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void take_signals() {
    auto const set = ours();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace boni::app
