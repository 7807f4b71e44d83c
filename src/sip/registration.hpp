// Registers us where a trunk wants it (kind `register`): REGISTER, at the next address when one does not answer, refreshed at 80 % of
// what was granted, tried again with growing pauses, taken back when draining (RFC 3261 10.2, RFC 3263 4.3, RFC 3608, sip.md 4). Between
// two of them blank lines keep the way back open (RFC 5626 4.4.1). Thread: SIP.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sip/digest.hpp"
#include "sip/resolve.hpp"
#include "sip/transport.hpp"
#include "sip/trunk_book.hpp"

namespace boni::sip {

class Registrations {
  public:
    Registrations(Wires& wires, Resolver& resolver, TrunkBook& trunks, std::chrono::milliseconds keep_alive);
    ~Registrations();
    Registrations(Registrations const&) = delete;

    /// After every change of the trunks: unchanged ones keep their registration, that of one that is no more is taken back.
    void start();
    /// Takes back every binding; nothing is registered any more.
    void withdraw();

  private:
    struct Binding;
    void ask(Binding& binding);
    void look_up(Binding& binding);
    void try_next(Binding& binding);
    void send(Binding& binding);
    void take_back(std::unique_ptr<Binding> binding);
    void left(Binding const& binding);
    void answered(Binding& binding, struct sip_msg const& message);
    void granted(Binding& binding, struct sip_msg const& message);
    void failed(Binding& binding);
    void again_after(Binding& binding, std::chrono::milliseconds pause);
    void keep_open(Binding& binding);

    Wires& wires_;
    Resolver& resolver_;
    TrunkBook& trunks_;
    std::chrono::milliseconds keep_alive_;
    bool withdrawn_ = false;
    std::map<std::string, std::unique_ptr<Binding>> bindings_;   // by trunk
    std::vector<std::unique_ptr<Binding>> leaving_;              // of trunks that are no more, until their registrar has answered
};

}  // namespace boni::sip
