// The built-in softphone as a test's caller: every line it says, and how it ended.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { Arrivals } from "./arrivals.ts";
import { binary, type Boni } from "./boni.ts";

export interface Line { ms: number; event: string; [more: string]: any }

export class Phone {
  private readonly said = new Arrivals<Line>();
  readonly errors: string[] = [];
  readonly ended: Promise<number>;
  private constructor(readonly process: ChildProcess) {
    createInterface({ input: process.stdout! }).on("line", (line) => this.said.add(JSON.parse(line)));
    createInterface({ input: process.stderr! }).on("line", (line) => this.errors.push(line));
    this.ended = once(process, "close").then(([code]) => code);
  }

  static call(boni: Boni, target: string, flags: string[] = [], server = boni.ready.sip, env: Record<string, string> = {}): Phone {
    return new Phone(spawn(binary, ["call", target, "--sip", server, "--json", ...flags],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } }));
  }

  /** A call that the platform takes: while it is busy it refuses with 503, and we try again as carriers do. */
  static async taken(boni: Boni, target: string, flags: string[] = []): Promise<Phone> {
    for (;;) {
      const phone = Phone.call(boni, target, flags);
      if ((await phone.line(["ringing", "ended"])).status !== 503) return phone;
      await phone.ended;
    }
  }

  get lines(): Line[] { return this.said.all; }

  /** The first line about `event`, or about one of several, past or future. */
  line(event: string | string[], withinMs = 15_000): Promise<Line> {
    const events = [event].flat();
    return this.said.first((line) => events.includes(line.event), withinMs, () => `no '${events}'; the phone said ${this.everything()}`);
  }

  /** Resolves when the call is over and all that was expected of it came. */
  async succeeds(): Promise<void> {
    const code = await this.ended;
    if (code !== 0) throw new Error(`the phone ended with ${code} and said ${this.everything()}`);
  }
  get summary(): Line { return this.lines.find((line) => line.event === "summary")!; }
  hangUp(): void { this.process.kill("SIGINT"); }

  private everything(): string { return `${JSON.stringify(this.lines)} ${this.errors.join("\n")}`; }
}

/** A WAV file with a tone, as bytes: 8 kHz, mono, 16 bit. */
export function tone(hz: number, seconds: number): Buffer {
  const samples = Math.round(8000 * seconds);
  const wav = Buffer.alloc(44 + 2 * samples);
  wav.write("RIFF", 0); wav.writeUInt32LE(36 + 2 * samples, 4); wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16); wav.writeUInt16LE(1, 20); wav.writeUInt16LE(1, 22); wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(16000, 28); wav.writeUInt16LE(2, 32); wav.writeUInt16LE(16, 34); wav.write("data", 36); wav.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; ++i) wav.writeInt16LE(Math.round(12000 * Math.sin((2 * Math.PI * hz * i) / 8000)), 44 + 2 * i);
  return wav;
}
