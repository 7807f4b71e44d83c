// Starts `boni dev --json`, the black-box door, on free ports and a folder of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Arrivals } from "./arrivals.ts";
import { Document } from "./document.ts";
import { ThroughPrism } from "./through_prism.ts";

export const binary = process.env.BONI ?? fileURLToPath(new URL("../../../build/release/boni", import.meta.url));

export interface NumberSeed { id: string; phoneNumber: string }
export interface TenantSeed { id: string; key: string; apiKey: string; numbers: NumberSeed[] }
export interface Ready {
  ready: true; pid: number; version: string; api: string; operatorApi: string; metrics: string; sip: string; sips: string; caFile: string;
  adminSocket: string; dataDir: string; apiKey: string; operatorKey: string; numbers: NumberSeed[]; tenants: TenantSeed[];
}
export interface Envelope { event_id: string; event_type: string; timestamp: number; data: Record<string, any> }

let document: Promise<Document> | undefined;   // the same for every start
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));   // what a failed test left behind

export class Boni {
  /** `log`: its lines on standard error, as they come. */
  private constructor(readonly ready: Ready, readonly process: ChildProcess, readonly log: string[], private readonly told: Arrivals<Envelope>,
    private readonly folder: string | undefined, private readonly document: Promise<Document>) {}

  /** `flags` come after the defaults (free ports, own data folder); `data` keeps a folder across starts. */
  static async start(flags: string[] = [], data?: string): Promise<Boni> {
    const folder = data ?? mkdtempSync(join(tmpdir(), "boni-e2e-"));
    const free = ["--http", "--sip", "--sips", "--operator", "--metrics"].flatMap((flag) => [flag, "127.0.0.1:0"]);
    const child = spawn(binary, ["dev", "--json", "--data", folder, ...free, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    running.add(child.once("exit", () => running.delete(child)));
    const log: string[] = [];
    createInterface({ input: child.stderr! }).on("line", (line) => log.push(line));
    const lines = createInterface({ input: child.stdout! });
    const told = new Arrivals<Envelope>();   // from the first line on: what was lost with the last process follows at once
    lines.on("line", (line) => {
      const message = JSON.parse(line);
      if (message.event?.event_id) told.add(message.event);
    });
    const first = await Promise.race([once(lines, "line"), once(child, "exit").then(([code]) => { throw new Error(`boni dev ended with ${code}:\n${log.join("\n")}`); })]);
    const ready: Ready = JSON.parse(first[0]);
    return new Boni(ready, child, log, told, data ? undefined : folder, document ??= Document.of(ready.api));
  }

  get events(): Envelope[] { return this.told.all; }

  /** The first event that fits, past or future. */
  event(fits: (event: Envelope) => boolean, withinMs = 10_000): Promise<Envelope> {
    return this.told.first(fits, withinMs, () => `no such event; seen: ${this.events.map((one) => one.event_type).join(", ")}`);
  }

  /** The id of the call of this caller, once `type` is told of it. */
  async callFrom(caller: string, type: "call.inbound.received" | "call.answered"): Promise<string> {
    return (await this.event((event) => event.event_type === type && event.data.from === caller)).data.callId;
  }

  /** Saves the route of a seeded number. */
  async route(route: object, number = this.ready.numbers[0]!): Promise<void> {
    const saved = await this.api("PUT", `/numbers/${number.id}/route`, route);
    if (saved.status !== 200) throw new Error(`route: ${saved.status} ${JSON.stringify(saved.body)}`);
  }

  /** The answer fits the document, whatever the test is about. */
  async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, key = this.ready.apiKey): Promise<Answer> {
    const document = await this.document;
    const through = process.env.BONI_PRISM && typeof body !== "string";   // Prism answers what is no JSON itself
    const way = through ? (await ThroughPrism.of(document.json)).way(this.ready.api) : { api: this.ready.api, headers: {} };
    const answer = await this.ask(way.api + path, method, key, body, { ...way.headers, ...headers });
    const faults = [...document.faultsOfAnswer(method, path, answer), ...ThroughPrism.faults(answer.headers)];
    if (faults.length) throw new Error(`${faults.join("\n")}\n${JSON.stringify(answer.body)}`);
    return answer;
  }

  /** The operator's API: `path` is below /v1. */
  operate(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.ask(`${this.ready.operatorApi}/v1${path}`, method, this.ready.operatorKey, body);
  }

  private async ask(url: string, method: string, key: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(url, {
      method, body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      headers: { "X-API-Key": key, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  }

  /** SIGTERM; resolves with the exit status. Every event there was fits the document, whatever the test is about. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
    await this.checkEvents();
    return this.process.exitCode;
  }

  /** What a power cut does to the process; the folder stays. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
    await this.checkEvents();
  }

  private async checkEvents(): Promise<void> {
    const document = await this.document;
    const faults = this.events.flatMap((event) => document.faultsOfBody(event.event_type, event).map((fault) => `${event.event_type}: ${fault}`));
    if (faults.length) throw new Error([...new Set(faults)].slice(0, 20).join("\n"));
  }
}

export interface Answer { status: number; headers: Headers; body: any }
