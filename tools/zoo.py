#!/usr/bin/env python3
"""Streamed calls beside bots of every bad kind: the same load twice on a boni of its own, without and with them. Prints one JSON document.

The ordinary calls are those of boni_stream_load. Each kind of bad bot listens on an address of its own from 127.0.0.2 up, and one call after
the other is placed to it as long as the ordinary ones last (its route falls back to a hang-up). Told: the figures without and with them, how
many calls each kind had and how its streams ended, the server's memory. Fails when the server crashed, an ordinary call failed or lost a
frame, a kind had no call or a call no end, a stream ended as its kind must not, or memory grew.
usage: tools/zoo.py [--calls 100] [--seconds 60] [--boni FILE] [--load FILE]
"""
import argparse
import asyncio
import base64
import collections
import hashlib
import json
import multiprocessing
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from server import QUIET_SECONDS, ROOT, Server, report

CALL_SECONDS = 45                  # of a call to a bad bot that nothing ends sooner: a silent peer is given up after 30
GIVEN_UP_SECONDS = 45              # after the load: a peer that is silent is given up after 30 s, its call is told then
MEMORY_GROWTH_MB_MAX = 96          # afterwards, against before


# --- the bots -------------------------------------------------------------------------------------------------------------------

def frame(opcode, body, fin=True):
    size = bytes([len(body)]) if len(body) < 126 else struct.pack("!BH", 126, len(body)) if len(body) < 65536 else struct.pack("!BQ", 127, len(body))
    return bytes([(0x80 if fin else 0) | opcode]) + size + body


def text(**message):
    return frame(1, json.dumps(message).encode())


def audio(samples):
    return text(event="media", media={"payload": base64.b64encode(bytes([0x20]) * samples).decode()})


async def upgrade(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1")
    key = next(line.split(":", 1)[1].strip() for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())


async def hear_out(reader, writer):
    """Reads whatever comes until the other side closes, and says that it is alive."""
    alive = asyncio.ensure_future(stay_alive(writer))
    while await reader.read(65536):
        pass
    alive.cancel()


async def stay_alive(writer):
    while not writer.is_closing():
        writer.write(frame(10, b""))
        await asyncio.sleep(5)


async def never_reads(reader, writer):
    await upgrade(reader, writer)
    await asyncio.Event().wait()


async def vanishes(reader, writer):
    """Reads, so that no queue grows, and never says a word: no pong either."""
    await upgrade(reader, writer)
    while await reader.read(65536):
        pass


async def floods(reader, writer):
    await upgrade(reader, writer)
    minute = audio(8000 * 60)
    for _ in range(13):
        writer.write(minute)
        await writer.drain()
    await hear_out(reader, writer)


async def floods_bytes(reader, writer):
    await upgrade(reader, writer)
    many = audio(1) * 1000
    hearing = asyncio.ensure_future(hear_out(reader, writer))
    while not hearing.done():
        writer.write(many)
        await writer.drain()


async def floods_marks(reader, writer):
    await upgrade(reader, writer)
    many = text(event="mark", mark={"name": "m" * 200}) * 200
    while not writer.is_closing():
        writer.write(many)
        await writer.drain()


async def fragments(reader, writer):
    await upgrade(reader, writer)
    hearing = asyncio.ensure_future(hear_out(reader, writer))
    whole = json.dumps({"event": "media", "media": {"payload": base64.b64encode(bytes(160)).decode()}}).encode()
    pieces = b"".join(frame(0 if at else 1, whole[at:at + 1], at == len(whole) - 1) for at in range(len(whole)))
    while not hearing.done():
        writer.write(pieces)
        await writer.drain()
        await asyncio.sleep(0.02)


async def binary(reader, writer):
    await upgrade(reader, writer)
    hearing = asyncio.ensure_future(hear_out(reader, writer))
    while not hearing.done():
        writer.write(frame(2, os.urandom(1000)) + text(event="dance") + frame(1, b"{{{"))
        await writer.drain()
        await asyncio.sleep(0.01)


async def garbage(reader, writer):
    await upgrade(reader, writer)
    writer.write(b"\xff" * 4096)
    await hear_out(reader, writer)


async def closes(reader, writer):
    """At another stage each time: at once, asked, upgraded, started; by FIN or reset."""
    closes.count += 1
    stage = closes.count % 5
    if stage >= 1:
        await reader.readuntil(b"\r\n\r\n") if stage == 1 else await upgrade(reader, writer)
    if stage >= 3:
        await reader.read(10)
    if stage == 4:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
closes.count = 0


async def no_tls(reader, writer):
    await reader.read(10)
    writer.write(b"HTTP/1.1 400 no\r\n\r\n")

# What each may bring about: reasons of `stream.stopped`. A caller that hangs up before the peer is given up is `call_ended`.
KINDS = {
    never_reads: {"peer_stalled", "connection_lost", "call_ended"}, vanishes: {"connection_lost", "call_ended"}, floods: {"call_ended"}, floods_bytes: {"call_ended"},
    floods_marks: {"peer_stalled", "call_ended"}, fragments: {"call_ended"}, binary: {"call_ended"}, garbage: {"connection_lost"},
    closes: {"connect_failed", "connection_lost", "call_ended"}, no_tls: {"connect_failed"},
}


async def serve(kinds, ports):
    async def one(bot, reader, writer):
        try:
            await bot(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
    servers = []
    for last, bot in enumerate(kinds, 2):
        # A small window: who does not read is noticed by what the peer can still send.
        servers.append(await asyncio.start_server(lambda r, w, bot=bot: one(bot, r, w), f"127.0.0.{last}", 0, limit=4096))
    ports.put([server.sockets[0].getsockname() for server in servers])
    await asyncio.gather(*(server.serve_forever() for server in servers))


def bots(ports):
    os.nice(5)
    asyncio.run(serve(list(KINDS), ports))


# --- what the server tells ------------------------------------------------------------------------------------------------------

class Told:
    """Events of the server: how the streams of each number ended, and how often each call did."""

    def __init__(self, server):
        self.reasons = collections.defaultdict(collections.Counter)
        self.calls, self.ends = collections.defaultdict(set), collections.Counter()
        server.hear(self.take)

    def take(self, event):
        data = event["data"]
        if event["event_type"] == "call.inbound.received":
            self.calls[data["numberId"]].add(data["callId"])
        elif event["event_type"] == "stream.stopped":
            self.reasons[data["numberId"]][data["reason"]] += 1
        elif data.get("final"):
            self.ends[data["callId"]] += 1

    def ends_of(self, numbers):
        """Each call to one of `numbers`, and how often it ended."""
        return {call: self.ends[call] for number in numbers for call in list(self.calls[number["id"]])}


def keep_calling(options, told, number, going):
    while going.is_set():
        call = subprocess.Popen([options.boni, "call", number, "--sip", told["sip"], "--duration", str(CALL_SECONDS)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while call.poll() is None and going.is_set():
            time.sleep(0.1)
        if call.poll() is None:
            call.send_signal(signal.SIGINT)
        call.wait()
        time.sleep(0.5)


def beside_bots(options, server, numbers):
    """The report of the ordinary calls while each kind of bad bot, at one of `numbers`, is called all the time."""
    ports, going, callers = multiprocessing.Queue(), threading.Event(), []
    keepers = multiprocessing.Process(target=bots, args=(ports,), daemon=True)
    keepers.start()
    going.set()
    for (host, port), (kind, number) in zip(ports.get(timeout=10), numbers.items()):
        url = f"{'wss' if kind == 'no_tls' else 'ws'}://{host}:{port}/"
        server.ask("PUT", f"/numbers/{number['id']}/route",
                   {"primary": {"type": "media_stream", "url": url, "bidirectional": True}, "fallback": [{"type": "hangup"}]})
        callers.append(threading.Thread(target=keep_calling, args=(options, server.told, number["phoneNumber"], going)))
        callers[-1].start()
    during = report(server.load(options.load, options))
    going.clear()
    for caller in callers:
        caller.join()
    return during


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--boni", default=str(ROOT / "build/release/boni"))
    parser.add_argument("--load", default=str(ROOT / "build/release/bench/boni_stream_load"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boni-zoo-") as folder:
        server = Server(options.boni, folder, "--numbers", str(1 + len(KINDS)))
        events = Told(server)
        numbers = dict(zip([kind.__name__ for kind in KINDS], server.told["numbers"][1:]))
        without = report(server.load(options.load, options))
        time.sleep(QUIET_SECONDS)
        before = server.usage()
        server.watch()
        during = beside_bots(options, server, numbers)
        deadline = time.monotonic() + GIVEN_UP_SECONDS
        while time.monotonic() < deadline and 0 in events.ends_of(numbers.values()).values():
            time.sleep(0.25)
        time.sleep(QUIET_SECONDS)
        crashed = server.crashed()
        after = None if crashed else server.usage()
        exit_code = server.stop()
        kinds = {kind: {"calls": len(events.calls[number["id"]]), "streams": dict(events.reasons[number["id"]])} for kind, number in numbers.items()}
        wrong = [f"{kind.__name__}: {reason}" for kind, allowed in KINDS.items() for reason in kinds[kind.__name__]["streams"] if reason not in allowed]
        ended = collections.Counter(events.ends_of(numbers.values()).values())
        result = {
            "crashed": crashed, "serverExit": exit_code, "kinds": kinds, "wrongEnds": wrong, "callsByTerminalEvents": dict(ended),
            "memoryMB": {"before": before[1], "peak": max(server.memory, default=0), "after": after and after[1]},
            "serverCpuSeconds": after and after[0] - before[0], "without": without, "during": during,
        }
        print(json.dumps(result, indent=2))
        lost = sum(during.get(key, 1) for key in ("lostToBot", "lostToCaller", "wrongTimestamps")) + sum(during.get("why", {"no report": 1}).values())
        failed = (crashed or exit_code or wrong or set(ended) != {1} or not all(one["calls"] and one["streams"] for one in kinds.values()) or lost
                  or after[1] - before[1] > MEMORY_GROWTH_MB_MAX)
        if failed:
            server.show_log()
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
