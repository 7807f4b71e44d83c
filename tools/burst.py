#!/usr/bin/env python3
"""Calls that are answered and hung up at once, at a steady rate: what a thousand of them cost, and what becomes of more than can be served.

Each asks the control webhook, is answered, and ends with the caller's BYE; row, timeline and events are on disk. Server on core 0, sipp and
the customer's server on core 1. Prints one JSON document; fails when an admitted call failed or an event is missing.
usage: tools/burst.py [--rate 300] [--seconds 20] [--boni FILE]
"""
import argparse
import asyncio
import collections
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from server import ROOT, Server, pin

LAST_ENDS_SECONDS = 2              # after sipp has ended: the last calls are written and told
HEAD = """      Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
      From: <sip:+919876543210@[local_ip]:[local_port]>;tag=[pid]x[call_number]
      Call-ID: [call_id]
      Contact: <sip:+919876543210@[local_ip]:[local_port]>
      Max-Forwards: 70
"""
TO = "      To: <sip:[service]@[remote_ip]:[remote_port]>"
SDP = """
      v=0
      o=- 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8 101
      a=rtpmap:101 telephone-event/8000
"""
SCENARIO = f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="burst">
  <send retrans="500"><![CDATA[
      INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
{HEAD}{TO}
      CSeq: 1 INVITE
      Content-Type: application/sdp
      Content-Length: [len]
{SDP}]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="503" optional="true" next="refused"/>
  <recv response="200" rrs="true" timeout="20000"/>
  <send><![CDATA[
      ACK [next_url] SIP/2.0
{HEAD}{TO}[peer_tag_param]
      CSeq: 1 ACK
      Content-Length: 0

]]></send>
  <pause milliseconds="20"/>
  <send retrans="500"><![CDATA[
      BYE [next_url] SIP/2.0
{HEAD}{TO}[peer_tag_param]
      CSeq: 2 BYE
      Content-Length: 0

]]></send>
  <recv response="200" timeout="8000" next="end"/>
  <label id="refused"/>
  <send><![CDATA[
      ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
{HEAD}{TO}[peer_tag_param]
      CSeq: 1 ACK
      Content-Length: 0

]]></send>
  <label id="end"/>
</scenario>
"""


class Customer(asyncio.Protocol):
    """Answers every question with a menu; its caller hangs up. Whole requests come in one piece on loopback."""
    DECISION = b'{"actions":[{"action":"gather","numDigits":1,"timeoutSeconds":20}]}'
    ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(DECISION) + DECISION

    def connection_made(self, transport):
        self.transport, self.waiting = transport, b""

    def data_received(self, data):
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            size = int(self.waiting[:end].lower().split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self.waiting) < end + 4 + size:
                return
            self.waiting = self.waiting[end + 4 + size:]
            self.transport.write(self.ANSWER)


def customer(port_out):
    async def serve():
        server = await asyncio.get_running_loop().create_server(Customer, "127.0.0.1", 0)
        os.write(port_out, b"%d\n" % server.sockets[0].getsockname()[1])
        await server.serve_forever()
    asyncio.run(serve())


def offer(told, number, rate, seconds, folder):
    """sipp's own count: calls that went as the scenario says (503 included), and those that did not."""
    (Path(folder) / "burst.xml").write_text(SCENARIO)
    subprocess.run(pin(1) + ["sipp", "-sf", "burst.xml", "-s", number["phoneNumber"], "-i", "127.0.0.1", "-r", str(rate), "-m", str(rate * seconds), "-l", "20000",
                             "-nostdin", "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-timeout", f"{seconds + 60}s", told["sip"]],
                   cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    last = list(csv.DictReader(open(Path(folder) / "stat.csv", encoding="latin-1"), delimiter=";"))[-1]
    return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--boni", default=str(ROOT / "build/release/boni"))
    options = parser.parse_args()
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.sched_setaffinity(0, {1} if (os.cpu_count() or 1) > 1 else {0})
        customer(write_end)
    port = int(os.read(read_end, 16))
    with tempfile.TemporaryDirectory(prefix="boni-burst-") as folder:
        server = Server(options.boni, folder)
        ended = collections.Counter()

        def count(event):
            if event["event_type"] in ("call.completed", "call.failed", "call.no_answer"):
                ended[event["event_type"]] += 1

        counter = server.hear(count)
        number = server.told["numbers"][0]
        server.ask("PUT", f"/numbers/{number['id']}/route",
                   {"primary": {"type": "control_webhook", "url": f"http://127.0.0.1:{port}/call", "timeoutMs": 10000}})
        before, idle = server.usage()
        began = time.monotonic()
        went_well, went_wrong = offer(server.told, number, options.rate, options.seconds, folder)
        took = time.monotonic() - began
        time.sleep(LAST_ENDS_SECONDS)
        after, resident = server.usage()
        status = server.stop()
        counter.join(timeout=10)
    os.kill(pid, signal.SIGKILL)
    completed = ended["call.completed"]
    print(json.dumps({"offered": options.rate * options.seconds, "seconds": round(took, 1), "completed": completed, "completedPerSecond": round(completed / took, 1),
                      "refused503": went_well - completed, "wrong": went_wrong, "ends": ended, "cpuSecondsPer1000": round(1000 * (after - before) / max(1, completed), 3),
                      "memoryMB": {"idle": idle, "after": resident}, "serverExit": status}, indent=2))
    return 1 if went_wrong or status or set(ended) - {"call.completed"} else 0


if __name__ == "__main__":
    sys.exit(main())
