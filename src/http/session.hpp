// One connection from its first byte to its last: reads a request, has it answered, writes the answer, and again.
//
// Thread: control. Owner: Server, until the coroutine is over.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "http/connection.hpp"
#include "http/request_parser.hpp"
#include "http/server.hpp"
#include "http/waiting_room.hpp"
#include "http/wire.hpp"

namespace boni::http {

/// What every session of a server has in common; outlives them (shared with the server).
struct Service {
    Clock& clock;
    Limits limits;
    Handler handler;
    bool draining = false;                               ///< every answer is the last of its connection
    WaitingRoom waiting{};
};

class Session : public std::enable_shared_from_this<Session> {
  public:
    /// Who is at the other end, the same for all its requests.
    struct Peer {
        Address remote;
        std::optional<PeerCredentials> credentials;
        bool tls = false;
    };

    Session(std::shared_ptr<Service> service, std::shared_ptr<Connection> connection, Peer peer);

    /// The life of the connection. The session must be kept alive by whoever started it.
    Task<> run();
    /// Instead of `run` when there are too many connections: 503 and goodbye, whatever is asked.
    Task<> turn_away();

    /// Between requests the connection is closed; otherwise behind the answer, as the service is draining.
    void close_if_idle();
    /// At once; a handler that runs is cancelled where it waits.
    void stop();
    asio::cancellation_slot stop_slot() { return stop_.slot(); }
    std::string peer_text() const { return peer_.credentials ? "unix" : peer_.remote.text(); }

  private:
    enum class Came { request, nothing };

    Task<Result<Came>> next_request(Request& request, RequestParser& parser);
    Task<Result<Came>> read_headers(RequestParser& parser);
    Task<Result<Came>> read_body(RequestParser& parser);
    /// Errc::timeout is the client's 408; the rest ends the connection without a word.
    Task<Result<Came>> read_more(std::string_view what);
    Result<std::size_t> parse(RequestParser& parser);

    Task<Response> respond(Request& request);
    Task<Result<>> write(Response const& response, Request const& request, After after);
    Task<Result<>> write_pieces(Response const& response, After after);
    Request fresh_request() const;
    void wait_as(WaitingRoom::Guest guest) { seat_ = WaitingRoom::Seat{service_->waiting, *this, peer_.remote, guest}; }

    std::shared_ptr<Service> service_;
    std::shared_ptr<Connection> connection_;
    Peer peer_;
    boost::beast::flat_buffer unread_;                   // what came and is not parsed: the next request, when pipelined
    asio::cancellation_signal stop_;
    bool idle_ = false;
    WaitingRoom::Seat seat_;                             // taken while the peer has to say something
};

}  // namespace boni::http
