#!/usr/bin/env python3
"""A bot on a media stream: repeats the caller's last words whenever a digit is pressed, hangs up on '#'. Python's standard library only.

  BONI_SIGNING_SECRET=whsec_... python3 examples/parrot.py 9001
The route's target is {"type": "media_stream", "url": "ws://127.0.0.1:9001/parrot", "bidirectional": true}.
"""
import asyncio
import base64
import hashlib
import hmac
import json
import os
import sys
import time

KEY = base64.b64decode(os.environ["BONI_SIGNING_SECRET"].removeprefix("whsec_"))
FRAMES_KEPT = 5 * 50              # of 20 ms each
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def genuine(headers, url):
    """Signed by us, not long ago, for exactly this address."""
    timestamp = headers.get("x-boni-timestamp", "0")
    expected = "v1=" + hmac.new(KEY, f"{timestamp}.{url}".encode(), hashlib.sha256).hexdigest()
    signed = any(hmac.compare_digest(part.strip(), expected) for part in headers.get("x-boni-signature", "").split(","))
    return signed and abs(time.time() - int(timestamp)) <= 300


async def upgrade(reader, writer):
    """RFC 6455 4.2. False: refused."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    url = f"ws://{headers['host']}{first.split()[1]}"
    if not genuine(headers, url):
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        return False
    accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    return True


async def frame(reader):
    """RFC 6455 5.2: (opcode, body) of the next one; Boni Voice sends every message in one."""
    first, second = await reader.readexactly(2)
    size = second & 127
    if size > 125:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    mask, body = await reader.readexactly(4), await reader.readexactly(size)
    return first & 15, bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))


def send(writer, opcode, body):
    size = bytes([len(body)]) if len(body) < 126 else b"\x7e" + len(body).to_bytes(2, "big")   # below 64 KiB: five seconds are
    writer.write(bytes([0x80 | opcode]) + size + body)


async def talk(reader, writer):
    heard, opcode = [], TEXT if await upgrade(reader, writer) else CLOSE
    while opcode != CLOSE:
        opcode, body = await frame(reader)
        message = json.loads(body) if opcode == TEXT else {"event": None}
        if opcode == PING:
            send(writer, PONG, body)
        if message["event"] == "media":
            heard = [*heard, base64.b64decode(message["media"]["payload"])][-FRAMES_KEPT:]
        if message["event"] == "dtmf" and message["dtmf"]["digit"] == "#":
            send(writer, CLOSE, (1000).to_bytes(2, "big"))
        elif message["event"] == "dtmf":
            payload, heard = base64.b64encode(b"".join(heard)).decode(), []
            send(writer, TEXT, json.dumps({"event": "media", "media": {"payload": payload}}).encode())
    writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9001)
    print(json.dumps({"listening": "ws://127.0.0.1:%d/parrot" % server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


asyncio.run(main())
