#!/usr/bin/env python3
"""Calls beside a customer who has gone mad: bots, control webhooks, audio and event receivers answer with every kind of broken bytes. JSON at the end.

Every connection that boni opens to a customer ends here. Each answer is right, mutated, cut, sent in drops, late, or in the wrong form; the same
`--seed` throws the same dice. Calls come at `--rate` a second to each of three numbers and hang up after 0 to 6 s. Fails when the server crashed
or did not end with 0, a call has not exactly one terminal event, or a sanitizer spoke. Made for build/asan/boni.
usage: tools/chaos.py [--seconds 60] [--rate 5] [--seed 1] [--boni FILE]
"""
import argparse
import asyncio
import base64
import collections
import hashlib
import json
import multiprocessing
import random
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from burst import SCENARIO
from server import ROOT, Server
from zoo import frame

LAST_ENDS_SECONDS = 4              # after sipp has ended: the last calls are written and told
FRAGMENTS = (b"\r\n", b"\n", b"\0", b"\r\n\r\n", b": ", b"\xff\xfe", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n",
             b"100 Continue", b"99999999999999999999")
LETTERS = ("ह", "\u2028", "\U0001F600", "\\ud800", "\\u0000")
CLOSES = (b"", b"\x03", b"\x03\xe8", b"\x03\xe8bye", b"\x03\xed", b"\x00\x00", b"\xff\xff", b"\x03\xe8\xff\xfe", b"\x03\xe9" + b"x" * 123,
          b"\x03\xe9" + b"x" * 200)
REFUSALS = (b"HTTP/1.1 503 no\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 302 no\r\nLocation: ws://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 200 ok\r\n\r\n", b"HTTP/1.1 401 x\r\nContent-Length: 100000\r\n\r\n")
dice = random.Random()


def chance(share):
    return dice.random() < share


def mutated(raw, times=(1, 2, 4)):
    """`raw` with so many bytes flipped, cut out, put in, repeated, or cut off."""
    raw = bytearray(raw)
    for _ in range(dice.choice(times)):
        at, kind = dice.randrange(len(raw) or 1), dice.randrange(8)
        if kind == 0 and raw:
            raw[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del raw[at:at + dice.randrange(1, 40)]
        elif kind == 2:
            raw[at:at] = dice.randbytes(dice.randrange(1, 30))
        elif kind == 3:
            raw[at:at] = raw[at:at + dice.randrange(1, 80)] * dice.choice((1, 1, 2, 50))
        elif kind == 4:
            raw[at:at] = dice.choice(FRAGMENTS)
        elif kind == 5:
            raw = raw[:at]
        elif kind == 6 and raw:
            raw[at] = dice.choice(b"0123456789{}[],:\"\\ \r\n\t-+eE")
        elif raw:
            raw[at:at + 1] = dice.choice(LETTERS).encode()
    return bytes(raw)


async def send(writer, raw):
    """At once, or in drops."""
    step = dice.choice((1, 3, 10, 100, 1000)) if chance(0.3) else len(raw) or 1
    for at in range(0, len(raw), step):
        writer.write(raw[at:at + step])
        await writer.drain()
        if step < len(raw) and chance(0.2):
            await asyncio.sleep(dice.choice((0, 0.001, 0.02)))


def reset_on_close(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# --- bots ---------------------------------------------------------------------------------------------------------------------

def message():
    payload = base64.b64encode(bytes(dice.choice((0, 1, 159, 160, 161, 320, 8000, 80000)))).decode()
    return dice.choice((
        lambda: json.dumps({"event": "media", "streamSid": "x", "media": {"payload": payload}}).encode(),
        lambda: json.dumps({"event": "mark", "mark": {"name": "m" * dice.choice((0, 1, 200, 5000))}}).encode(),
        lambda: json.dumps({"event": "clear"}).encode(),
        lambda: mutated(b'{"event":"media","media":{"payload":"AAAA","timestamp":"5","track":"outbound"},"sequenceNumber":"4"}'),
        lambda: b"[" * dice.choice((1, 30, 100000)),
        lambda: b'{"event":"media","media":{"payload":"' + b"=" * dice.randrange(9) + b'*&"}}',
        lambda: dice.randbytes(dice.randrange(300))))()


def fragments(body):
    cuts = sorted(dice.randrange(len(body) + 1) for _ in range(dice.randrange(1, 20)))
    pieces = [frame(0 if start else 1, body[start:end], False) for start, end in zip([0, *cuts], cuts)]
    if chance(0.3):
        pieces.insert(dice.randrange(len(pieces)) + 1, dice.choice((frame(9, b"p"), frame(8, b"\x03\xe8"), frame(1, b"x"), frame(10, b"q"))))
    if chance(0.8):
        pieces.append(frame(0, body[cuts[-1]:]))
    return b"".join(pieces)


def reserved_bits(body):
    raw = bytearray(frame(dice.randrange(16), body))
    raw[0] ^= dice.choice((0x40, 0x20, 0x10, 0))
    raw[1] ^= dice.choice((0x80, 0, 1))
    return bytes(raw)


def any_frame():
    body = message()
    return dice.choice((
        lambda: frame(1, body), lambda: frame(1, body), lambda: frame(1, body), lambda: frame(2, body), lambda: fragments(body),
        lambda: frame(9, body[:dice.choice((0, 5, 125, 126, 300))]), lambda: frame(10, body[:125]), lambda: frame(8, dice.choice(CLOSES)),
        lambda: frame(0, body), lambda: frame(1, body, False), lambda: reserved_bits(body), lambda: mutated(frame(1, body)),
        lambda: struct.pack("!BBQ", 0x81, 127, dice.choice((2**63, 2**64 - 1, 2**31, 2**40, 70000)))))()


async def eat(reader):
    try:
        while await reader.read(dice.choice((1000, 65536))):
            if chance(0.02):
                await asyncio.sleep(dice.choice((0.1, 1)))
    except OSError:
        pass                       # boni has hung up, as it may


async def bot(reader, writer, head):
    key = next((line.split(":", 1)[1].strip() for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key:")), "")
    accept = base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    answer = mutated(answer) if chance(0.12) else dice.choice(REFUSALS) if chance(0.1) else answer
    await send(writer, answer + (b"".join(any_frame() for _ in range(5)) if chance(0.1) else b""))
    eating = asyncio.ensure_future(eat(reader)) if chance(0.8) else None
    pause, sane = dice.choice((0, 0, 0.001, 0.02, 0.1)), dice.choice((0, 0.5, 0.97))
    for _ in range(dice.choice((1, 5, 30, 200, 1000))):
        if eating and eating.done():
            break
        await send(writer, frame(1, message()) if chance(sane) else any_frame())
        await asyncio.sleep(pause)
    if eating and chance(0.3):
        await asyncio.wait([eating], timeout=dice.choice((0.1, 3)))
    if eating:
        eating.cancel()
    if chance(0.3):
        reset_on_close(writer)


# --- control webhooks, audio, events --------------------------------------------------------------------------------------------

def decision(origin):
    streams = origin.replace("http", "ws") + "/ws"
    actions = [dice.choice((
        {"action": "play", "text": "hello " * dice.choice((1, 3, 30))},
        {"action": "play", "audioUrl": f"{origin}/audio/{dice.randrange(40)}", "loop": dice.choice((1, 3))},
        {"action": "recording_start", "channels": dice.choice(("dual", "mixed"))}, {"action": "recording_stop"},
        {"action": "stream_start", "url": streams}, {"action": "stream_stop"})) for _ in range(dice.choice((0, 1, 1, 2, 3, 12)))]
    transfer = {"action": "transfer", "mode": "blind", "target": {"type": "phone_number", "phoneNumber": "+919876543210"}}
    gather = {"action": "gather", "numDigits": 2, "timeoutSeconds": dice.choice((1, 3)), "prompt": {"text": "press"}}
    out = {"actions": actions + dice.choice(([gather], [gather], [{"action": "hangup"}], [transfer], []))}
    if not out["actions"] or chance(0.2):
        out["answer"] = dice.choice(("auto", "early", "never"))
    if chance(0.3):
        out["next"] = {"url": f"{origin}/call/{dice.randrange(1000)}"}
    if chance(0.2):
        out["target"] = dice.choice(({"type": "media_stream", "url": streams, "bidirectional": True}, {"type": "hangup"},
                                     {"type": "control_webhook", "url": origin + "/call"}))
    return json.dumps(out).encode()


def wrong_answer(body):
    """A whole answer and whether the connection may go on."""
    body = dice.choice((lambda: mutated(body), lambda: b"[" * 100000, lambda: b'{"a":"' + b"x" * dice.choice((70000, 300000)) + b'"}', lambda: body))()
    cut, form = dice.randrange(len(body) + 1), dice.randrange(4)
    head = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n" % dice.choice((200, 200, 200, 202, 204, 500, 404, 302, 429))
    raw = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if form == 2:
        chunks = b"".join(b"%x\r\n" % len(part) + part + b"\r\n" for part in (body[:cut], body[cut:]) if part)
        raw = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    elif form == 3:
        raw = b"HTTP/1.0 200 OK\r\n\r\n" + body
    if chance(0.2):
        raw = b"HTTP/1.1 100 Continue\r\n\r\n" * dice.choice((1, 3)) + raw
    return mutated(raw) if chance(0.25) else raw, form < 3 and chance(0.8)


async def decide(writer, origin):
    body = decision(origin)
    if chance(0.8):
        await send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return True
    raw, again = wrong_answer(body)
    if chance(0.1):
        await asyncio.sleep(dice.choice((0.5, 3, 12)))
    await send(writer, raw * (2 if chance(0.05) else 1))
    if chance(0.1):
        reset_on_close(writer)
    return again


def wav():
    samples = b"".join(struct.pack("<h", 8000 if i // 10 % 2 else -8000) for i in range(8000))
    head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 36 + len(samples), b"WAVEfmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", len(samples))
    return head + samples


async def audio(writer):
    body = wav() if chance(0.4) else mutated(wav(), (1, 4, 12))
    kept = dice.choice((b"no-store", b"max-age=5"))
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nCache-Control: %s\r\nContent-Length: %d\r\n\r\n" % (kept, len(body)) + body
    await send(writer, mutated(raw) if chance(0.2) else raw)
    return chance(0.5)


async def event(writer):
    later = dice.choice((b"1", b"x", b"Fri, 31 Dec 1999 23:59:59 GMT", b"9999999999999"))
    raw = b"HTTP/1.1 %d X\r\nRetry-After: %s\r\nContent-Length: 2\r\n\r\nok" % (dice.choice((200, 200, 204, 500, 503, 429, 302)), later)
    await send(writer, mutated(raw) if chance(0.3) else raw)
    return chance(0.7)


async def connection(reader, writer, origin):
    try:
        again = True
        while again and not chance(0.02):
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)).decode("latin1")
            size = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
            if chance(0.03):
                break
            await reader.readexactly(size)
            path = head.split(" ")[1]
            if path.startswith("/ws"):
                await bot(reader, writer, head)
                break
            again = await (decide(writer, origin) if path.startswith("/call") else audio(writer) if path.startswith("/audio") else event(writer))
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
        pass                       # boni has hung up, as it may
    finally:
        writer.close()


def customer(told, seed):
    dice.seed(seed)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    async def serve():
        listening = socket.create_server(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = await asyncio.start_server(lambda reader, writer: connection(reader, writer, origin), sock=listening)
        told.put(origin)
        await server.serve_forever()
    asyncio.run(serve())


# --- calls --------------------------------------------------------------------------------------------------------------------

def route_all(server, origin):
    stream = {"type": "media_stream", "url": origin.replace("http", "ws") + "/ws", "bidirectional": True}
    told = stream | {"url": stream["url"] + "?events=boni"}
    webhook, hang_up = {"type": "control_webhook", "url": origin + "/call"}, {"type": "hangup"}
    routes = ({"primary": stream, "fallback": [webhook, hang_up]}, {"primary": webhook, "fallback": [stream]},
              {"primary": told, "fallback": [hang_up], "recording": {"enabled": True}})
    for number, route in zip(server.told["numbers"], routes):
        server.ask("PUT", f"/numbers/{number['id']}/route", route)
    events = ["call.inbound.received", "call.answered", "call.completed", "call.failed", "stream.started", "stream.stopped", "recording.available"]
    server.ask("POST", "/webhook-endpoints", {"url": origin + "/event", "events": events})


def call_all(server, options, folder):
    Path(folder, "call.xml").write_text(SCENARIO.replace('<pause milliseconds="20"/>', '<pause distribution="uniform" min="0" max="6000"/>'))
    words = ["sipp", "-sf", "call.xml", "-i", "127.0.0.1", "-r", str(options.rate), "-m", str(options.rate * options.seconds), "-l", "2000", "-nostdin",
             "-timeout", f"{options.seconds + 40}s", server.told["sip"]]
    callers = [subprocess.Popen([*words, "-s", number["phoneNumber"]], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for number in server.told["numbers"]]
    for caller in callers:
        caller.wait()
    time.sleep(LAST_ENDS_SECONDS)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--boni", default=str(ROOT / "build/asan/boni"))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    told = multiprocessing.Queue()
    mad = multiprocessing.Process(target=customer, args=(told, options.seed), daemon=True)
    mad.start()
    events, begun, ends = collections.Counter(), set(), collections.Counter()

    def take(event):
        events[event["event_type"]] += 1
        if event["event_type"] == "call.inbound.received":
            begun.add(event["data"]["callId"])
        elif event["data"].get("final"):
            ends[event["data"]["callId"]] += 1

    with tempfile.TemporaryDirectory(prefix="boni-chaos-") as folder:
        server = Server(options.boni, folder, settings={"ASAN_OPTIONS": "quarantine_size_mb=16"})   # a full one takes a minute to empty at the end
        hearing = server.hear(take)
        route_all(server, told.get())
        call_all(server, options, folder)
        crashed = server.crashed()
        memory = 0 if crashed else server.usage()[1]
        status = server.stop()
        hearing.join(10)
        mad.kill()
        log = server.log.read_text(errors="replace").splitlines()
        spoken = [line for line in log if "Sanitizer" in line or "runtime error" in line or "ssertion" in line]
        wrong = {call: ends[call] for call in begun if ends[call] != 1}
        print(json.dumps({"calls": len(begun), "wrongEnds": wrong, "events": events, "memoryMB": memory, "crashed": crashed, "serverExit": status,
                          "spoken": spoken[:10]}, indent=2))
        well = begun and not wrong and not crashed and status == 0 and not spoken
        if not well:
            server.show_log()
    raise SystemExit(0 if well else 1)


if __name__ == "__main__":
    main()
