#!/usr/bin/env python3
"""A phone menu as a control webhook: greets, asks for a digit, answers, hangs up. Python's standard library only.

  BONI_SIGNING_SECRET=whsec_... python3 examples/ivr.py 9000

POST /call is asked what to do (the route's control_webhook URL); POST /events is told what happened (the webhook endpoint).
"""
import base64
import hashlib
import hmac
import json
import os
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["BONI_SIGNING_SECRET"].removeprefix("whsec_"))
DEPARTMENTS = {"1": "sales", "2": "support"}


def genuine(headers, raw):
    """Signed by us, not long ago, over exactly these bytes."""
    timestamp = headers.get("X-Boni-Timestamp", "0")
    if abs(time.time() - int(timestamp)) > 300:
        return False
    expected = hmac.new(KEY, timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(part.strip(), "v1=" + expected) for part in headers.get("X-Boni-Signature", "").split(","))


def decide(question):
    if question["phase"] == "inbound":
        prompt = {"text": "Namaste! Welcome to Boni Voice. Press 1 for sales, 2 for support.", "voice": "en-IN"}
        return {"actions": [{"action": "gather", "numDigits": 1, "timeoutSeconds": 8, "finishOnKey": "", "prompt": prompt}]}
    department = DEPARTMENTS.get((question.get("last") or {}).get("digits", ""), "nobody")
    return {"actions": [{"action": "play", "text": f"You chose {department}. Thank you for calling. Goodbye!", "voice": "en-IN"},
                        {"action": "hangup"}]}


class Customer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not genuine(self.headers, raw):
            print(json.dumps({"refused": self.path, "signature": "wrong"}), flush=True)
            return self.answer(401)
        message = json.loads(raw)
        if self.path == "/call":
            decision = decide(message["data"])
            print(json.dumps({"asked": message["data"]["phase"], "signature": "ok", "decision": decision}), flush=True)
            return self.answer(200, json.dumps(decision).encode())
        print(json.dumps({"event": message["event_type"], "sequence": message["data"].get("sequence"), "signature": "ok"}), flush=True)
        self.answer(204)

    def answer(self, status, body=b""):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Requests are reported above, with what they meant."""


class Server(ThreadingHTTPServer):
    def server_bind(self):
        socketserver.TCPServer.server_bind(self)   # without the look-up of our own name, which may take long
        self.server_name, self.server_port = self.server_address


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Customer)
    print(json.dumps({"listening": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.serve_forever()
