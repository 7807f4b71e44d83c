#include "cli/softphone/knock.hpp"

#include <cstring>

#include <boost/asio/buffer.hpp>

namespace boni::cli {

using boost::system::error_code;

Knock::Knock(asio::any_io_executor where, Address const& server, std::function<void()> refused) : socket_{std::move(where)} {
    asio::ip::udp::endpoint to;
    sockaddr_storage raw{};
    to.resize(server.to(raw));
    std::memcpy(to.data(), &raw, to.size());
    error_code failed;
    socket_.connect(to, failed);                         // opens it as well
    constexpr std::string_view keep_alive = "\r\n\r\n";
    if (!failed) socket_.send(asio::buffer(keep_alive), 0, failed);
    if (failed) return;                                  // the INVITE will say what is wrong
    socket_.async_wait(asio::ip::udp::socket::wait_read, [this, refused = std::move(refused)](error_code const& gone) {
        if (gone) return;
        error_code why;
        char byte;
        socket_.receive(asio::buffer(&byte, 1), 0, why);
        if (why == asio::error::connection_refused) refused();
    });
}

}  // namespace boni::cli
