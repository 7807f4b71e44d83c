#!/usr/bin/env python3
"""Ordinary calls while the door is kicked: the same load twice on a boni of its own, without and with hostile clients. Prints one JSON document.

Hostile, all at once and from 127.0.0.2 up (ordinary calls come from 127.0.0.1): mutated SIP at --rate packets a second, a carrier that has
gone mad among its sources; --handshakes TLS handshakes on the SIPS port that are aborted at every stage, and as many broken connections on
the API port; --slow connections to the API that send a byte now and then. The server keeps --connections of them and closes a silent one for
each that comes beyond (its setting http.connections_max); what it held at once is told. Fails when the server crashed, a call failed, or
memory grew; of a failed call its timeline and SIP messages are told.
usage: tools/siege.py [--calls 100] [--seconds 120] [--rate 2000] [--handshakes 10000] [--slow 5000] [--connections 1024] [--boni FILE] [--load FILE]
"""
import argparse
import json
import multiprocessing
import os
import random
import resource
import selectors
import socket
import sqlite3
import ssl
import sys
import tempfile
import threading
import time
from pathlib import Path

from server import QUIET_SECONDS, ROOT, Server, report

MAD_CARRIER = "127.0.0.2"          # has a trunk: what it sends reaches the session layer
STRANGERS = [f"127.0.0.{last}" for last in range(3, 60)]
HALF_OPEN_SECONDS = 40             # until the last half-open connections have run into their limits
MEMORY_GROWTH_MB_MAX = 48          # after the siege, against before it; what the kernel buffers of live connections takes is gone by then


def host_port(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


# --- mutated SIP ------------------------------------------------------------------------------------------------------------

def seeds(number, host):
    """The fuzzer's corpus, and ordinary requests that a small mutation leaves readable."""
    out = [path.read_bytes() for path in sorted((ROOT / "fuzz/corpus/sip_message").iterdir())]
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    for method in ("INVITE", "REGISTER", "OPTIONS", "CANCEL", "BYE", "INFO", "PRACK", "UPDATE", "SUBSCRIBE"):
        body = sdp if method in ("INVITE", "UPDATE") else ""
        out += 8 * [(f"{method} sip:{number}@{host} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5099;branch=z9hG4bKbranch;rport\r\nMax-Forwards: 70\r\n"
                     f"From: <sip:mad@127.0.0.2>;tag=from\r\nTo: <sip:{number}@{host}>\r\nCall-ID: callid\r\nCSeq: 1 {method}\r\nContact: <sip:mad@127.0.0.2:5099>\r\n"
                     f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()]
    return out


def mutated(dice, raw):
    raw = bytearray(raw.replace(b"z9hG4bKbranch", b"z9hG4bK%x" % dice.getrandbits(40)).replace(b"callid", b"%x" % dice.getrandbits(40)))
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4, 16))):
        at = dice.randrange(len(raw) or 1)
        kind = dice.randrange(7)
        if kind == 0 and raw:
            raw[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            raw[at:at] = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 9)))
        elif kind == 2:
            del raw[at:at + dice.randrange(1, 40)]
        elif kind == 3:
            raw[at:at] = raw[at:at + 60] * dice.randrange(1, 20)
        elif kind == 4:
            raw[at:at] = dice.choice((b"\r\n", b"\0", b'"', b"<", b",", b";", b"\xff" * 4, b"%00", b"4294967296", b"-1", b"9" * 30))
        elif kind == 5:
            del raw[at:]
        else:
            lines = raw.split(b"\r\n")
            lines.insert(dice.randrange(len(lines)), lines[dice.randrange(len(lines))])
            raw = bytearray(b"\r\n".join(lines))
    return bytes(raw[:60000])


def attack_sip(options, told, until):
    dice, target, number = random.Random(1), host_port(told["sip"]), told["numbers"][1]["phoneNumber"]
    corpus, sockets, sent, streams = seeds(number, told["sip"]), [], 0, []
    for source in [MAD_CARRIER] * 20 + STRANGERS:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((source, 0))
        one.setblocking(False)
        sockets.append(one)
    began = time.monotonic()
    while time.monotonic() < until:
        due = int((time.monotonic() - began) * options.rate) - sent
        for _ in range(max(0, due)):
            message = mutated(dice, dice.choice(corpus))
            sent += 1
            try:
                if dice.random() < 0.01:   # a stream: broken in pieces, left open
                    stream = socket.create_connection(target, 1, (dice.choice(STRANGERS + [MAD_CARRIER]), 0))
                    streams.append(stream)
                    stream.sendall(message[:dice.randrange(len(message) + 1)])
                    if len(streams) > 200:
                        streams.pop(0).close()
                else:
                    dice.choice(sockets).sendto(message, target)
            except OSError:
                pass
        time.sleep(0.005)
    return {"packets": sent, "perSecond": round(sent / (time.monotonic() - began))}


# --- aborted handshakes and broken connections --------------------------------------------------------------------------------

def client_hello():
    out = ssl.MemoryBIO()
    context = ssl.create_default_context()
    shake = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        shake.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def attack_handshakes(options, told, until):
    """Spread over the time there is; every fifth stays open, at most 500 at once."""
    dice, sips, api, hello = random.Random(2), host_port(told["sips"]), host_port(told["api"].split("/")[2]), client_hello()
    half = b"POST /v1/calls HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{\"to\":"
    began, open_ones, done, refused = time.monotonic(), [], 0, 0
    pause = max(0.0, (until - began) / max(1, 2 * options.handshakes) - 0.0005)
    while done < 2 * options.handshakes and time.monotonic() < until:
        target, first = (sips, hello) if done % 2 == 0 else (api, half)
        done += 1
        try:
            one = socket.create_connection(target, 2, (dice.choice(STRANGERS), 0))
            stage = dice.randrange(5)
            if stage == 1:
                one.sendall(first[:dice.randrange(1, len(first))])
            elif stage == 2:
                one.sendall(dice.randbytes(200))
            elif stage >= 3:
                one.sendall(first)
                if stage == 4 and target is sips:
                    one.settimeout(0.2)
                    one.recv(100)
            if dice.random() < 0.2:
                open_ones.append(one)
                if len(open_ones) > 500:
                    open_ones.pop(0).close()
            else:
                if dice.random() < 0.5:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")   # a reset
                one.close()
        except OSError:
            refused += 1
        time.sleep(pause)
    return {"connections": done, "refusedOrTimedOut": refused}


# --- slowloris ----------------------------------------------------------------------------------------------------------------

def attack_slowly(options, told, until):
    """Keeps --slow connections open, a header byte every few seconds; those the server closes are opened again."""
    dice, api, wait = random.Random(3), host_port(told["api"].split("/")[2]), selectors.DefaultSelector()
    live, opened, ends, most, line = set(), 0, {"408": 0, "503": 0, "silently": 0}, 0, b"GET /v1/me HTTP/1.1\r\nHost: a\r\nX-Slow: "

    def lose(one, last_words=b""):
        ends[next((status for status in ("408", "503") if last_words.startswith(b"HTTP/1.1 " + status.encode())), "silently")] += 1
        live.discard(one)
        wait.unregister(one)
        one.close()

    next_byte = time.monotonic() + 3
    while time.monotonic() < until:
        for _ in range(min(60, options.slow - len(live))):   # some 600 a second
            one = socket.socket()
            try:
                one.bind((dice.choice(STRANGERS), 0))
                one.setblocking(False)
                one.connect_ex(api)
            except OSError:
                one.close()
                break
            opened += 1
            live.add(one)
            wait.register(one, selectors.EVENT_READ)
        most = max(most, len(live))
        for key, _ in wait.select(0.1):
            words = b""
            try:
                words = key.fileobj.recv(4096)
            except BlockingIOError:
                continue
            except OSError:
                pass
            lose(key.fileobj, words)
        if time.monotonic() >= next_byte:
            next_byte += 3
            for one in list(live):
                try:
                    one.send(line if dice.random() < 0.3 else b"x")
                except BlockingIOError:
                    pass
                except OSError:
                    lose(one)
    return {"opened": opened, "closedByServer": ends, "mostWanted": most}


# --- a customer who comes now ---------------------------------------------------------------------------------------------------

def newcomer(server, until, seen):
    """A connection of its own for every request, as a program started now would make."""
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            server.ask("GET", "/me")
            seen.append(1000 * (time.monotonic() - began))
        except OSError as error:
            seen.append(str(error))
        time.sleep(0.25)


def summary(seen):
    times = sorted(one for one in seen if isinstance(one, float))
    failures = [one for one in seen if isinstance(one, str)]
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))] if times else None
    return {"requests": len(seen), "failed": len(failures), "why": sorted(set(failures))[:5], "p50Ms": at(0.5), "p99Ms": at(0.99)}


# --- what the server saw --------------------------------------------------------------------------------------------------------

def held(port):
    """Connections of the API that are established, by the kernel's table."""
    at = f":{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(row[1].endswith(at) and row[3] == "01" for row in rows)


def closer_look(server, folder, failed):
    """Of each call that failed: how the server says it ended, its timeline, its SIP messages."""
    out = []
    with sqlite3.connect(f"file:{next((Path(folder) / 'data').glob('*.db'))}?mode=ro", uri=True) as database:
        for one in failed:
            try:
                call = server.ask("GET", f"/calls/{one['callId']}")
            except OSError as error:
                call = {"status": str(error)}
            ladder = database.execute("SELECT messages_json FROM ladders WHERE call_id = ?", (one["callId"],)).fetchone()
            lines = [f"{row['at']} {row['direction']} {row['text'].splitlines()[0]}" for row in json.loads(ladder[0])] if ladder else []
            out.append(one | {key: call.get(key) for key in ("status", "hangupCause", "hangupBy", "endedAt")} | {"ladder": lines} |
                       {"timeline": [f"{row.get('at')} {row.get('event')}" for row in call.get("timeline", [])]})
    return out


# --- the run ------------------------------------------------------------------------------------------------------------------

def attacker(attack, options, told, until, results):
    os.nice(5)
    results.put((attack.__name__, attack(options, told, until)))


def besieged(options, server):
    """The load while all attacks run: its report, theirs, and what newcomers met."""
    results, seen = multiprocessing.Queue(), []
    until = time.monotonic() + options.seconds + 5
    for attack in (attack_sip, attack_handshakes, attack_slowly):
        multiprocessing.Process(target=attacker, args=(attack, options, server.told, until, results)).start()
    threading.Thread(target=newcomer, args=(server, until - 1, seen), daemon=True).start()
    during = report(server.load(options.load, options, "--talk", "10"))
    return during, dict(results.get(timeout=120) for _ in range(3)), summary(seen)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--baseline", type=float, default=40, help="seconds of the run without the siege")
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--handshakes", type=int, default=10_000)
    parser.add_argument("--slow", type=int, default=5000)
    parser.add_argument("--connections", type=int, default=1024, help="http.connections_max of the server")
    parser.add_argument("--boni", default=str(ROOT / "build/release/boni"))
    parser.add_argument("--load", default=str(ROOT / "build/release/bench/boni_load"))
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory(prefix="boni-siege-") as folder:
        server = Server(options.boni, folder, settings={"BONI_HTTP__CONNECTIONS_MAX": str(options.connections)})
        server.hear()
        operator = lambda path, body: server.ask("PUT", path, body, "operatorApi", "operatorKey")
        operator("/v1/trunks/loopback", {"test": True, "kind": "ip", "addresses": ["127.0.0.1"]})
        operator("/v1/trunks/mad", {"test": True, "kind": "ip", "addresses": [MAD_CARRIER], "limits": {"in": {"channels": 50, "cps": 20}}})
        without = report(server.load(options.load, argparse.Namespace(calls=options.calls, seconds=options.baseline), "--talk", "10"))
        time.sleep(QUIET_SECONDS)
        before = server.usage()
        connections, api_port = [], host_port(server.told["api"].split("/")[2])[1]
        server.watch(lambda: connections.append(held(api_port)))
        during, attacked, newcomers = besieged(options, server)
        time.sleep(HALF_OPEN_SECONDS)
        crashed = server.crashed()
        after = None if crashed else server.usage()
        failures = [] if crashed else closer_look(server, folder, during.get("failedCalls", []))
        memory = list(server.memory)
        exit_code = server.stop()
        result = {
            "crashed": crashed, "serverExit": exit_code, "attacks": attacked,
            "memoryMB": {"before": before[1], "peak": max(memory, default=0), "after": after and after[1]},
            "connections": {"limit": options.connections, "heldAtOnce": max(connections, default=0)}, "failedCalls": failures,
            "memoryEvery10s": [round(one) for one in memory[::40]], "newcomers": newcomers,
            "serverCpuSeconds": after and after[0] - before[0],
            "without": without, "during": during,
        }
        print(json.dumps(result, indent=2))
        failed = (crashed or exit_code or during.get("failed", 1) or during.get("lostEvents", 1) or newcomers["failed"]
                  or after[1] - before[1] > MEMORY_GROWTH_MB_MAX)
        if failed:
            server.show_log()
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
