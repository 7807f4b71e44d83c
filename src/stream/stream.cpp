#include "stream/stream.hpp"

#include "stream/session.hpp"

namespace boni::stream {

Stream::~Stream() { stop("stream_stopped"); }

void Stream::digit(char key) {
    asio::post(where_, [session = session_, key] { session->digit(key); });
}

void Stream::stop(std::string reason) {
    asio::post(where_, [session = session_, reason = std::move(reason)]() mutable { session->stop(std::move(reason)); });
}

}  // namespace boni::stream
