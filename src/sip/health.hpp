// Is a trunk there? OPTIONS to its first target, again and again (sip.md 5). Thread: SIP.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sip/resolve.hpp"
#include "sip/transport.hpp"
#include "sip/trunk_book.hpp"

namespace boni::sip {

class Health {
  public:
    Health(Wires& wires, Resolver& resolver, Clock& clock, TrunkBook& trunks);
    ~Health();
    Health(Health const&) = delete;

    /// After every change of the trunks: new ones are asked at once, gone ones no more.
    void start();

  private:
    struct Probe;
    void ask(Probe& probe);
    void send(Probe& probe, Hop hop);
    void outcome(Probe& probe, bool answered);

    Wires& wires_;
    Resolver& resolver_;
    Clock& clock_;
    TrunkBook& trunks_;
    std::map<std::string, std::unique_ptr<Probe>> probes_;   // by trunk
};

}  // namespace boni::sip
