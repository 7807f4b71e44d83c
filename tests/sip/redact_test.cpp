#include "sip/redact.hpp"

#include <doctest/doctest.h>

using namespace boni::sip;

TEST_CASE("credentials lose their value and keep their scheme") {
    CHECK(redact("REGISTER sip:x SIP/2.0\r\nAuthorization: Digest username=\"a\", response=\"cafe\"\r\nVia: v\r\n\r\n") ==
          "REGISTER sip:x SIP/2.0\r\nAuthorization: Digest [redacted]\r\nVia: v\r\n\r\n");
    CHECK(redact("INVITE sip:x SIP/2.0\r\nproxy-AUTHORIZATION :Basic Zm9v\r\n\r\n") ==
          "INVITE sip:x SIP/2.0\r\nproxy-AUTHORIZATION : Basic [redacted]\r\n\r\n");
    CHECK(redact("SIP/2.0 200 OK\r\nAuthentication-Info: nextnonce=\"47\", rspauth=\"6629\"\r\n\r\n") ==
          "SIP/2.0 200 OK\r\nAuthentication-Info: [redacted]\r\n\r\n");
    CHECK(redact("A\r\nAuthorization: lonely\r\n\r\n") == "A\r\nAuthorization: [redacted]\r\n\r\n");
}

TEST_CASE("folded lines of a credentials header go with it") {
    auto const out = redact("A\r\nAuthorization: Digest\r\n username=\"a\",\r\n\tresponse=\"cafe\"\r\nSubject: a\r\n b\r\n\r\n");
    CHECK(out.find("cafe") == std::string::npos);
    CHECK(out.find("username") == std::string::npos);
    CHECK(out.find("Subject: a\r\n b\r\n") != std::string::npos);
}

TEST_CASE("a challenge stays, it holds no secret") {
    std::string const text = "SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n\r\n";
    CHECK(redact(text) == text);
}

TEST_CASE("a password in a URI disappears wherever the URI stands") {
    CHECK(redact("INVITE sip:bob:hunter2@h SIP/2.0\r\nTo: <sips:bob:hunter2@h:5061>\r\nFrom: <sip:a@h:5060>\r\n\r\n") ==
          "INVITE sip:bob:[redacted]@h SIP/2.0\r\nTo: <sips:bob:[redacted]@h:5061>\r\nFrom: <sip:a@h:5060>\r\n\r\n");
    CHECK(redact("OPTIONS sip:h:5060 SIP/2.0\r\n\r\n") == "OPTIONS sip:h:5060 SIP/2.0\r\n\r\n");
}

TEST_CASE("SDP loses its keys and nothing else") {
    CHECK(redact("A\r\nContent-Type: application/sdp\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20\r\n"
                 "k=clear:secret\r\na=ice-pwd:secret\r\na=ice-ufrag:u\r\na=sendrecv\r\n") ==
          "A\r\nContent-Type: application/sdp\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[redacted]\r\n"
          "k=[redacted]\r\na=ice-pwd:[redacted]\r\na=ice-ufrag:u\r\na=sendrecv\r\n");
    CHECK(redact("A\n\na=crypto:broken c2VjcmV0") == "A\n\na=crypto:[redacted]");
}

TEST_CASE("digits of INFO are never shown") {
    CHECK(redact("INFO x\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5\r\nDuration=160\r\n") ==
          "INFO x\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=[redacted]\r\nDuration=160\r\n");
    CHECK(redact("INFO x\r\nc: Application/DTMF\r\n\r\n5\r\n") == "INFO x\r\nc: Application/DTMF\r\n\r\n[redacted]\r\n");
    CHECK(redact("INFO x\r\nContent-Type: application/vnd.nortelnetworks.digits\r\n\r\np=Digit-Collection\r\nd=5\r\n").find("d=5") == std::string::npos);
    CHECK(redact("INFO x\r\nContent-Type: application/dtmf\r\n\r\n5") == "INFO x\r\nContent-Type: application/dtmf\r\n\r\n[redacted]");
}

TEST_CASE("a folded type of digits is one of digits") {
    auto shown = [](std::string const& header, std::string const& body) {
        auto const out = redact("INFO x\r\n" + header + "\r\nCSeq: 2 INFO\r\n\r\n" + body);
        CHECK(out.starts_with("INFO x\r\n" + header + "\r\nCSeq: 2 INFO\r\n\r\n"));
        return out.substr(out.find("\r\n\r\n") + 4);
    };
    for (auto const* const header :
         {"Content-Type:\r\n application/dtmf", "c:\r\n\tApplication/DTMF", "Content-Type : application\r\n /dtmf",
          "C:\t\r\n \r\n application/dtmf;x=y", "CONTENT-TYPE: application / dtmf", "Content-Type: text/plain\r\nc: application/dtmf",
          "c: application/dtmf\r\nc: text/plain"}) {
        CAPTURE(header);
        CHECK(shown(header, "5\r\n") == "[redacted]\r\n");
        CHECK(shown(header, "Signal=5\r\nDuration=160\r\n") == "Signal=[redacted]\r\nDuration=160\r\n");
    }
    CHECK(shown("Content-Type:\r\n application/dtmf-relay", "sIGNAL\t= 5\r\nDuration= 160\r\n") == "sIGNAL\t=[redacted]\r\nDuration= 160\r\n");
    CHECK(shown("Content-Type: application/dtmf-relay", "Signal=\r\n5\r\nDuration=160 5\r\n") == "Signal=[redacted]\r\n[redacted]\r\n[redacted]\r\n");
    for (auto const* const header : {"Content-Type:\r\n application/dtmf", "c :\tApplication/DTMF", "Content-Type: application/\r\n\tdtmf"}) {
        CAPTURE(header);
        auto const part = "--b\r\n" + std::string{header} + "\r\nContent-Length: 1\r\n\r\n";
        CHECK(shown("Content-Type:\r\n multipart/mixed;\r\n boundary=b", part + "7\r\n--b--\r\n") == part + "[redacted]\r\n--b--\r\n");
    }
}

TEST_CASE("a line of blanks goes on with a credentials header") {
    CHECK(redact("A\r\nAuthorization:\r\n Digest username=\"a\",\r\n \r\n response=\"cafe\"\r\nVia: v\r\n\r\n") == "A\r\nAuthorization: [redacted]\r\nVia: v\r\n\r\n");
}

TEST_CASE("parts of a multipart body are treated by their own type") {
    auto const out = redact("A\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\nContent-Type: application/sdp\r\n\r\n"
                            "a=crypto:1 X inline:c2VjcmV0\r\n--b\r\nContent-Type: application/dtmf\r\n\r\n7\r\n--b\r\n\r\nplain\r\n--b--\r\n");
    CHECK(out.find("c2VjcmV0") == std::string::npos);
    CHECK(out.find("\r\n7\r\n") == std::string::npos);
    CHECK(out.find("plain") != std::string::npos);
}

TEST_CASE("text that is no SIP message passes without harm") {
    for (auto const* text : {"", "\r\n", "\r\n\r\n", "x", "a\nb\nc", ":", "x\r\n:\r\n\r\n"}) CHECK(redact(text) == text);
}
