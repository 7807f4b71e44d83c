// A customer's bot: a WebSocket server that keeps what Boni says and answers as a test wants.
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

export interface Talk { socket: WebSocket; request: IncomingMessage; heard: any[]; closed: Promise<number> }

export class Bot {
  readonly talks: Talk[] = [];
  private constructor(private readonly server: WebSocketServer) {}

  /** `reply` is called for each message; `refuse`: the status that declines every upgrade. */
  static async start(reply: (message: any, talk: Talk) => void, refuse?: number): Promise<Bot> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true,
      verifyClient: refuse ? (_, done) => done(false, refuse) : undefined });
    await once(server, "listening");
    const bot = new Bot(server);
    server.on("connection", (socket, request) => {
      const talk: Talk = { socket, request, heard: [], closed: once(socket, "close").then(([code]) => code) };
      bot.talks.push(talk);
      socket.on("message", (data) => {
        const message = { ...JSON.parse(String(data)), at: performance.now() };
        talk.heard.push(message);
        reply(message, talk);
      });
    });
    return bot;
  }

  get url(): string { return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/media?tenant=1`; }
  stop(): void {
    for (const { socket } of this.talks) socket.terminate();
    this.server.close();
  }
}

/** One sample in G.711 mu-law. */
function mulaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32635) + 132;
  const segment = Math.floor(Math.log2(magnitude)) - 7;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

/** A tone as a stream's payload. */
export function payload(hz: number, seconds: number): string {
  const bytes = Uint8Array.from({ length: 8000 * seconds }, (_, i) => mulaw(Math.round(12000 * Math.sin((2 * Math.PI * hz * i) / 8000))));
  return Buffer.from(bytes).toString("base64");
}
