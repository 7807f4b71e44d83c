// The bodies of Asio, Beast, JSON and URL, compiled once (see dependencies.cmake).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/json/src.hpp>
#include <boost/url/src.hpp>

// Beast 1.81 asserts that a last chunk it sees for the second time has five bytes (basic_parser.ipp, parse_chunk_header); four are as
// good, and what a peer sends must not end the process: tests/egress/chunked_answer_test.cpp.
#define BOOST_DISABLE_ASSERTS
#include <boost/assert.hpp>

#include <boost/beast/src.hpp>
