// Bots of ill will, or broken ones: each is a server whose URL a number is routed to, and what must become of its stream.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { payload } from "./bot.ts";

export interface Seen { connections: number; heard: any[] }
export interface Hostile {
  name: string;
  url: string;
  /** `stream.stopped`; several: any of them. */
  reason: string | string[];
  closeCode?: number;
  /** Rows of the call's timeline that must be there, as event or event:why. */
  rows?: string[];
  /** What the bot must have heard or found. */
  check?: (seen: Seen) => void;
  /** The caller hangs up by itself: nothing else ends the call. */
  endless?: boolean;
  seen: Seen;
  stop(): void;
}

/** A frame of a server: not masked. */
export function frame(opcode: number, body: string | Buffer, fin = true): Buffer {
  const bytes = Buffer.from(body);
  const size = bytes.length < 126 ? Buffer.from([bytes.length]) : bytes.length < 65536 ? Buffer.from([126, bytes.length >> 8, bytes.length & 255]) : Buffer.alloc(9);
  if (size.length === 9) { size[0] = 127; size.writeBigUInt64BE(BigInt(bytes.length), 1); }
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode]), size, bytes]);
}
export const text = (message: object) => frame(1, JSON.stringify(message));
export const close = (code: number) => frame(8, Buffer.from([code >> 8, code & 255]));

/** What a peer sent us, unmasked: text frames only. */
function* frames(buffer: { bytes: Buffer }): Generator<{ opcode: number; body: Buffer }> {
  for (;;) {
    const { bytes } = buffer;
    if (bytes.length < 6) return;
    let size = bytes[1]! & 127, at = 2;
    if (size === 126) { size = bytes.readUInt16BE(2); at = 4; }
    else if (size === 127) { if (bytes.length < 10) return; size = Number(bytes.readBigUInt64BE(2)); at = 10; }
    if (bytes.length < at + 4 + size) return;
    const mask = bytes.subarray(at, at + 4);
    const body = Buffer.from(bytes.subarray(at + 4, at + 4 + size).map((byte, index) => byte ^ mask[index % 4]!));
    buffer.bytes = bytes.subarray(at + 4 + size);
    yield { opcode: bytes[0]! & 15, body };
  }
}

/** Takes the upgrade by hand; then `message` sees each text message, `raw` decides about everything. */
export async function hostile(of: Omit<Hostile, "url" | "seen" | "stop"> & {
  scheme?: "ws" | "wss";
  accept?: (socket: Socket, seen: Seen) => boolean | void;            // false: it has dealt with the connection
  answer?: (key: string) => string;                                   // instead of a good 101
  upgraded?: (socket: Socket, seen: Seen) => void;
  message?: (message: any, socket: Socket, seen: Seen, server: Server) => void;
  certificate?: { key: string; cert: string };                        // TLS with it
  reads?: boolean;                                                    // false: nothing after the upgrade
}): Promise<Hostile> {
  const seen: Seen = { connections: 0, heard: [] };
  const live = new Set<Socket>();
  const welcome = (socket: Socket) => {
    ++seen.connections;
    live.add(socket);
    socket.on("close", () => live.delete(socket)).on("error", () => {});
    if (of.accept?.(socket, seen) === false) return;
    let head = "";
    const buffer = { bytes: Buffer.alloc(0) };
    let open = false;
    socket.on("data", (data) => {
      if (!open) {
        head += data.toString("latin1");
        if (!head.includes("\r\n\r\n")) return;
        open = true;
        const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
        const accept = createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
        socket.write(of.answer?.(key) ?? `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
        if (of.reads === false) socket.pause();
        of.upgraded?.(socket, seen);
        return;
      }
      buffer.bytes = Buffer.concat([buffer.bytes, data]);
      for (const { opcode, body } of frames(buffer)) {
        if (opcode === 9) socket.write(frame(10, body));
        if (opcode === 8 && !socket.writableEnded) socket.end(frame(8, body));
        if (opcode !== 1) continue;
        const message = JSON.parse(body.toString());
        seen.heard.push(message);
        of.message?.(message, socket, seen, server);
      }
    });
  };
  const server = of.certificate ? createTlsServer(of.certificate, welcome).on("connection", () => ++seen.connections) : createServer(welcome);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { ...of, seen, url: `${of.scheme ?? "ws"}://127.0.0.1:${port}/`,
    stop: () => { live.forEach((socket) => socket.destroy()); server.close(); } };
}

const mark = (name: string) => text({ event: "mark", mark: { name } });
const audio = (seconds: number) => text({ event: "media", media: { payload: payload(700, seconds) } });

/** One of each kind. `expect` is vitest's. */
export async function zoo(expect: (value: any, why?: string) => any): Promise<Hostile[]> {
  const refused = { reason: "connect_failed", rows: ["route.fallback"] };
  const lost = { reason: "connection_lost", rows: ["route.fallback"] };
  const tries = (count: number) => ({ check: ({ connections }: Seen) => expect(connections).toBe(count) });
  /** First, and again within the window of 2.5 s: six times, fewer where the machine is slow, one more where a socket held for a second. */
  const triesAgain = { check: ({ connections }: Seen) => { expect(connections).toBeGreaterThan(1); expect(connections).toBeLessThan(13); } };
  const echoed = (name: string) => ({ check: ({ heard }: Seen) => expect(heard.filter((one) => one.event === "mark").map((one) => one.mark.name)).toContain(name) });
  const started = (does: (socket: Socket, server: Server) => void) => ({
    message: (message: any, socket: Socket, _: Seen, server: Server) => { if (message.event === "start") does(socket, server); },
  });
  return Promise.all([
    hostile({ name: "closes when connected to", ...refused, ...tries(3), accept: (socket) => (socket.destroy(), false) }),
    hostile({ name: "closes when asked", ...refused, ...tries(3), accept: (socket) => (socket.once("data", () => socket.destroy()), false) }),
    hostile({ name: "never answers the upgrade", ...refused, accept: () => false }),
    hostile({ name: "answers 200", ...refused, ...tries(1), answer: () => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }),
    hostile({ name: "answers 302", ...refused, ...tries(1), answer: () => "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n" }),
    hostile({ name: "answers another key", ...refused, ...tries(1), answer: () => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n" }),
    hostile({ name: "answers garbage", ...refused, answer: () => "\x00\xff\x01 garbage\r\n\r\n" }),
    hostile({ name: "answers with endless headers", ...refused, answer: () => `HTTP/1.1 101 Switching Protocols\r\n${"X-A: b\r\n".repeat(20_000)}` }),
    hostile({ name: "speaks no TLS", scheme: "wss", ...refused, accept: (socket) => (socket.on("data", () => socket.write("HTTP/1.1 400 no\r\n\r\n")), false) }),
    hostile({ name: "has a certificate nobody knows", scheme: "wss", certificate: unknownCertificate(), ...refused, ...tries(1) }),
    hostile({ name: "closes after the upgrade", ...lost, ...triesAgain, upgraded: (socket) => socket.destroy() }),
    hostile({ name: "resets after start", ...lost, ...triesAgain, ...started((socket) => socket.resetAndDestroy()) }),
    hostile({ name: "disappears after start", ...lost, ...tries(1), ...started((socket, server) => { server.close(); socket.destroy(); }) }),
    hostile({ name: "closes with 1000 at once", reason: "peer_closed", closeCode: 1000, ...tries(1),
      ...started((socket) => socket.write(close(1000))) }),
    hostile({ name: "closes with 4000", reason: "peer_closed", closeCode: 4000, ...tries(1), ...started((socket) => socket.write(close(4000))) }),
    hostile({ name: "closes with 1011 again and again", ...lost, ...triesAgain, ...started((socket) => socket.write(close(1011))) }),
    hostile({ name: "speaks garbage", ...lost, rows: ["route.fallback", "stream.protocol_error"], ...tries(1),
      ...started((socket) => socket.write(Buffer.alloc(4096, 0xff))) }),
    hostile({ name: "says text that is no UTF-8", ...lost, rows: ["route.fallback", "stream.protocol_error"], ...tries(1),
      ...started((socket) => socket.write(frame(1, Buffer.from([0xc3, 0x28, 0xff])))) }),
    hostile({ name: "sends 2 MiB in one message", reason: "message_too_large", closeCode: 1009, rows: ["route.fallback"],
      ...started((socket) => socket.write(frame(1, Buffer.alloc(2 << 20, 0x20)))) }),
    hostile({ name: "announces 2^62 bytes and nothing more", reason: "message_too_large", closeCode: 1009, rows: ["route.fallback"],
      ...started((socket) => socket.write(Buffer.from([0x81, 127, 0x40, 0, 0, 0, 0, 0, 0, 0]))) }),
    hostile({ name: "announces 2^62 bytes", reason: ["message_too_large", "connection_lost"], rows: ["route.fallback"],
      ...started((socket) => { socket.write(Buffer.from([0x81, 127, 0x40, 0, 0, 0, 0, 0, 0, 0])); for (let i = 0; i < 40; ++i) socket.write(Buffer.alloc(65536, 0x20)); }) }),
    hostile({ name: "fragments into bytes", reason: "call_ended", endless: true, ...echoed("whole"), ...started((socket) => {
      const bytes = Buffer.from(JSON.stringify({ event: "mark", mark: { name: "whole" } }));
      bytes.forEach((byte, index) => socket.write(Buffer.concat([frame(index === 0 ? 1 : 0, Buffer.from([byte]), index === bytes.length - 1), frame(9, "p")])));
    }) }),
    hostile({ name: "sends binary", reason: "call_ended", endless: true, rows: ["stream.ignored:binary_frame"], ...echoed("after"),
      ...started((socket) => { for (let i = 0; i < 100; ++i) socket.write(frame(2, Buffer.alloc(1000, i))); socket.write(mark("after")); }) }),
    hostile({ name: "sends what is no JSON", reason: "call_ended", endless: true,
      rows: ["stream.ignored:invalid_json", "stream.ignored:unknown_event", "stream.ignored:invalid_base64"], ...echoed("after"),
      ...started((socket) => { for (const bad of ["{", "[[[[", '{"event":"dance"}', '{"event":"media","media":{"payload":"?"}}']) for (let i = 0; i < 100; ++i) socket.write(frame(1, bad)); socket.write(mark("after")); }) }),
    hostile({ name: "floods ten minutes and more", reason: "call_ended", endless: true, rows: ["stream.buffer_overflow"], ...echoed("cleared"),
      ...started((socket) => { const minute = audio(60); for (let i = 0; i < 13; ++i) socket.write(minute); socket.write(Buffer.concat([mark("cleared"), text({ event: "clear" })])); }) }),
    hostile({ name: "floods a byte at a time", reason: "call_ended", endless: true,
      ...started((socket) => { const one = text({ event: "media", media: { payload: "fw==" } }); for (let i = 0; i < 200; ++i) socket.write(Buffer.concat(Array(1000).fill(one))); }) }),
    hostile({ name: "floods marks and never reads", reason: "peer_stalled", reads: false, rows: ["route.fallback", "stream.ignored:too_many_marks"],
      upgraded: (socket) => { const one = mark("m".repeat(200)); for (let i = 0; i < 200; ++i) socket.write(Buffer.concat(Array(200).fill(one))); } }),
    hostile({ name: "never reads", reason: "peer_stalled", rows: ["route.fallback"], reads: false,   // the echoes fill the kernel; audio alone takes its time
      upgraded: (socket) => { for (let i = 0; i < 2500; ++i) socket.write(mark("m".repeat(250))); } }),
  ]);
}

function unknownCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "boni-certificate-"));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: "ignore" });
  const read = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(folder, { recursive: true });
  return read;
}
