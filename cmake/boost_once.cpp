// The bodies of Asio, Beast, JSON and URL, compiled once (see dependencies.cmake).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

// Beast 1.81 asserts in parse_chunk_header that a last chunk it sees for the second time has five bytes; four are as good, and what a
// peer sends must not end the process: tests/http/request_parser_test.cpp, tests/egress/chunked_answer_test.cpp. Only this file of
// Beast goes without its assertions.
#define BOOST_BEAST_SOURCE
#define BOOST_DISABLE_ASSERTS
#include <boost/assert.hpp>
#include <boost/beast/http/impl/basic_parser.ipp>
#undef BOOST_DISABLE_ASSERTS
#include <boost/assert.hpp>

#include <boost/beast/src.hpp>
#include <boost/json/src.hpp>
#include <boost/url/src.hpp>
