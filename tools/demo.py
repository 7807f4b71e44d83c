#!/usr/bin/env python3
"""One real call, start to end, with everything it causes shown as it happens. usage: tools/demo.py [--once] [--boni FILE]

Starts `boni dev`, the example phone menu (examples/ivr.py) and the softphone `boni call`; then, unless --once, keeps the server up.
"""
import argparse
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CALL_SECONDS_MAX = 45
DELIVERY_SECONDS_MAX = 15


class Lines:
    """JSON lines of a child process, as they come."""

    def __init__(self, name, process, into):
        self.thread = threading.Thread(target=self.read, args=(name, process.stdout, into), daemon=True)
        self.thread.start()

    @staticmethod
    def read(name, stream, into):
        for line in stream:
            try:
                into.put((name, json.loads(line)))
            except ValueError:
                into.put((name, {"text": line.strip()}))
        into.put((name, None))


def default_or_free(port, kind=socket.SOCK_STREAM):
    """The documented default when it is free, else any: the demo shall not fail because of somebody's web server."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return port
        except OSError:
            return 0


def api(ready, method, path, body=None):
    request = urllib.request.Request(ready["api"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"X-API-Key": ready["apiKey"], "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text else None


class Demo:
    def __init__(self, boni, colour):
        self.boni, self.colour, self.began = boni, colour, time.monotonic()
        self.inbox, self.children = queue.Queue(), []
        self.seen = {"events": [], "delivered": [], "digits": 0, "signatures_wrong": 0}

    def say(self, who, text):
        paint = {"server": "36", "customer": "33", "phone": "32", "demo": "1"}.get(who, "0")
        label = f"\033[{paint}m{who:>8}\033[0m" if self.colour else f"{who:>8}"
        print(f"{time.monotonic() - self.began:7.2f}s {label}  {text}", flush=True)

    def start(self, name, arguments, **more):
        log = open(Path(self.folder) / f"{name}.stderr", "w")
        child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, text=True, **more)
        self.children.append(child)
        Lines(name, child, self.inbox)
        return child

    def first(self, name, key, seconds):
        deadline = time.monotonic() + seconds
        while True:
            try:
                who, message = self.inbox.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise SystemExit(f"demo: {name} said nothing in {seconds} s; see {self.folder}/{name}.stderr")
            if who == name and message is None:
                raise SystemExit(f"demo: {name} ended at once:\n" + (Path(self.folder) / f"{name}.stderr").read_text()[-2000:])
            if who == name and key in message:
                return message

    def show(self, who, message):
        """One line per thing that happened."""
        if who == "server" and "event" in message:
            data = message["event"]["data"]
            self.seen["events"].append(message["event"]["event_type"])
            self.say(who, f"event {message['event']['event_type']} #{data.get('sequence')}" + (f" cause {data['hangupCause']}" if "hangupCause" in data else ""))
        elif who == "customer" and "asked" in message:
            actions = ", ".join(a["action"] for a in message["decision"].get("actions", []))
            self.say(who, f"asked '{message['asked']}' (signature {message['signature']}), decided: {actions}")
        elif who == "customer" and "event" in message:
            self.seen["delivered"].append(message["event"])
            self.say(who, f"received {message['event']} #{message['sequence']}, signature {message['signature']}")
        elif who == "customer" and "refused" in message:
            self.seen["signatures_wrong"] += 1
            self.say(who, f"REFUSED a request to {message['refused']}: signature {message['signature']}")
        elif who == "phone":
            self.say(who, " ".join(f"{key}={value}" for key, value in message.items() if key not in ("at", "ms")))

    def run(self, once):
        with tempfile.TemporaryDirectory(prefix="boni-demo-") as self.folder:
            try:
                return self.play(once)
            finally:
                for child in reversed(self.children):
                    child.terminate()
                for child in self.children:
                    child.wait(timeout=20)

    def play(self, once):
        ports = [f"{flag} 127.0.0.1:{default_or_free(port, kind)}" for flag, port, kind in (
            ("--http", 8080, socket.SOCK_STREAM), ("--operator", 8081, socket.SOCK_STREAM), ("--metrics", 9464, socket.SOCK_STREAM),
            ("--sip", 5060, socket.SOCK_DGRAM), ("--sips", 5061, socket.SOCK_STREAM))]
        self.start("server", [self.boni, "dev", "--json", "--data", f"{self.folder}/data", *" ".join(ports).split()])
        ready = self.first("server", "ready", 20)
        number = ready["numbers"][0]
        self.say("demo", f"server up: API {ready['api']}, SIP {ready['sip']}; number {number['phoneNumber']}")

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        endpoint = api(ready, "POST", "/webhook-endpoints", {"url": f"http://127.0.0.1:{port}/events", "events": [
            "call.inbound.received", "call.ringing", "call.answered", "call.action.accepted", "call.no_answer", "call.completed", "call.failed"]})
        endpoint = endpoint.get("data", endpoint)
        self.start("customer", [sys.executable, str(ROOT / "examples/ivr.py"), str(port)],
                   env=os.environ | {"BONI_SIGNING_SECRET": endpoint["signingSecret"]})
        self.first("customer", "listening", 10)
        api(ready, "PUT", f"/numbers/{number['id']}/route", {
            "primary": {"type": "control_webhook", "url": f"http://127.0.0.1:{port}/call"}, "events": {"webhookEndpointId": endpoint["id"]}})
        self.say("demo", "customer's phone menu is up (examples/ivr.py) and the number's route asks it")

        recording = Path.cwd() / "build" / "demo.wav"
        phone = self.start("phone", [self.boni, "call", number["phoneNumber"], "--sip", ready["sip"], "--from", "+919876543210", "--dtmf", "1",
                                     "--record", str(recording), "--duration", str(CALL_SECONDS_MAX), "--expect", "answered,speech", "--json"])
        status = self.follow(phone)
        call = api(ready, "GET", "/calls?limit=1")["data"][0]
        detail = api(ready, "GET", f"/calls/{call['id']}")
        self.timeline(detail.get("data", detail))
        well = self.verdict(status, call, recording)
        if once or not well:
            return 0 if well else 1
        self.next_steps(ready, number, call, endpoint)
        try:
            while True:
                who, message = self.inbox.get()
                if message is None and who == "server":
                    return 1
                if message:
                    self.show(who, message)
        except KeyboardInterrupt:
            self.say("demo", "stopping")
            return 0

    def follow(self, phone):
        """Shows everything until the phone has hung up and the terminal event has reached the customer."""
        deadline = time.monotonic() + CALL_SECONDS_MAX + DELIVERY_SECONDS_MAX
        ended = False
        terminal = {"call.completed", "call.failed", "call.no_answer"}
        while time.monotonic() < deadline and not (ended and terminal & set(self.seen["delivered"])):
            try:
                who, message = self.inbox.get(timeout=0.5)
            except queue.Empty:
                continue
            if message is None:
                ended = ended or who == "phone"
                continue
            self.show(who, message)
        return phone.wait(timeout=10)

    def timeline(self, call):
        self.say("demo", f"GET /v1/calls/{call['id']}: its timeline")
        for row in call["timeline"]:
            print(f"{'':18}{row['at'][11:23]}  {row['event']:<22} {json.dumps(row.get('detail', {}))[:110]}")

    def verdict(self, status, call, recording):
        checks = {
            "the softphone's expectations held": status == 0,
            "call.completed": call["status"] == "completed",
            "exactly one terminal event": sum(e in ("call.completed", "call.failed", "call.no_answer") for e in self.seen["events"]) == 1,
            "every event reached the customer": sorted(self.seen["delivered"]) == sorted(self.seen["events"]),
            "every signature was right": self.seen["signatures_wrong"] == 0,
            "the caller's side was recorded": recording.exists() and recording.stat().st_size > 16_000,
        }
        for text, held in checks.items():
            self.say("demo", f"{'PASS' if held else 'FAIL'}  {text}")
        return all(checks.values())

    def next_steps(self, ready, number, call, endpoint):
        print(f"""
The server stays up. Try, in another terminal (Ctrl-C here ends everything):

  export KEY={ready['apiKey']}
  curl -s -H "X-API-Key: $KEY" {ready['api']}/me
  curl -s -H "X-API-Key: $KEY" {ready['api']}/calls/{call['id']}
  curl -s -H "X-API-Key: $KEY" '{ready['api']}/webhook-deliveries?limit=5'
  curl -s -X POST -H "X-API-Key: $KEY" {ready['api']}/webhook-endpoints/{endpoint['id']}/test
  {os.path.relpath(self.boni)} call {number['phoneNumber']} --sip {ready['sip']} --dtmf 2
  # while that call lives:
  curl -s -X POST -H "X-API-Key: $KEY" -H 'Content-Type: application/json' -d '{{"text":"Hello from curl"}}' {ready['api']}/calls/CALL_ID/actions/play
  curl -s -X POST -H "X-API-Key: $KEY" {ready['api']}/calls/CALL_ID/actions/hangup

What the caller heard: {os.path.relpath(Path.cwd() / 'build' / 'demo.wav')}
""", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--once", action="store_true", help="end with an exit status instead of keeping the server up")
    parser.add_argument("--boni", default=str(ROOT / "build/release/boni"))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(Demo(options.boni, sys.stdout.isatty()).run(options.once))
