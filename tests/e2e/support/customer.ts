// A customer's server: answers control webhooks, takes event webhooks, serves audio, and checks every signature it sees.
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Arrivals } from "./arrivals.ts";

export interface Received { path: string; headers: IncomingMessage["headers"]; raw: string; body: any; at: number }
export type Answer = { status?: number; body?: unknown; headers?: Record<string, string>; delayMs?: number; raw?: string | Buffer };
export type Decide = (request: Received) => Answer | unknown | Promise<Answer | unknown>;

export function signatureFits(secret: string, request: Received): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const timestamp = String(request.headers["x-boni-timestamp"]);
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const expected = Buffer.from(createHmac("sha256", key).update(`${timestamp}.${request.raw}`).digest("hex"));
  return String(request.headers["x-boni-signature"]).split(",").some((part) => {
    const given = Buffer.from(part.trim().replace(/^v1=/, ""));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** A decision that keeps the caller: a sentence, and then a while to act on the call over the API. */
export const keepHolding: Decide = (request) => request.body.data.phase === "inbound"
  ? { actions: [{ action: "play", text: "Please hold.", voice: "en-IN" }] } : { status: 202, body: { waitMs: 30_000 } };

export class Customer {
  private readonly arrived = new Arrivals<Received>();
  private constructor(private readonly server: Server, private readonly routes: Map<string, Decide>) {}

  static async start(): Promise<Customer> {
    const routes = new Map<string, Decide>();
    const server = createServer();
    const customer = new Customer(server, routes);
    server.on("request", (request, response) => void customer.serve(request, response));
    server.keepAliveTimeout = 60_000;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return customer;
  }

  get origin(): string { return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`; }

  /** From now on `path` is answered like this. An object without status, body, raw or delayMs is a 200 with that JSON. */
  on(path: string, decide: Decide): string {
    this.routes.set(path, decide);
    return this.origin + path;
  }

  get requests(): Received[] { return this.arrived.all; }
  of(path: string): Received[] { return this.requests.filter((request) => request.path === path); }

  received(fits: (request: Received) => boolean, withinMs = 10_000): Promise<Received> {
    return this.arrived.first(fits, withinMs, () => `no such request; seen: ${this.requests.map((request) => request.path).join(", ")}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try { for await (const chunk of request) chunks.push(chunk as Buffer); }
    catch { return; }   // its sender died in the middle: this customer heard nothing
    const raw = Buffer.concat(chunks).toString();
    const path = new URL(request.url!, "http://customer").pathname;
    let body: any;
    try { body = raw ? JSON.parse(raw) : undefined; } catch { body = undefined; }
    const received: Received = { path, headers: request.headers, raw, body, at: Date.now() };
    this.arrived.add(received);
    const decided = (await this.routes.get(path)?.(received)) ?? { status: this.routes.has(path) ? 200 : 404 };
    const answer: Answer = typeof decided === "object" && ("status" in decided || "raw" in decided || "delayMs" in decided || "body" in decided)
      ? (decided as Answer) : { body: decided };
    if (answer.delayMs) await new Promise((later) => setTimeout(later, answer.delayMs));
    const payload = answer.raw ?? (answer.body === undefined ? "" : JSON.stringify(answer.body));
    response.writeHead(answer.status ?? 200, { ...(answer.body === undefined ? {} : { "Content-Type": "application/json" }), ...answer.headers });
    response.end(payload);
  }
}
