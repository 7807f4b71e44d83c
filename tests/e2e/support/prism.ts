// Prism as a proxy between a test and the server: it reads every request and answer against the API's document.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../node_modules/.bin/prism", import.meta.url));

export interface Violation { location: string[]; severity: string; code: string | number; message: string }

export class Prism {
  private constructor(readonly url: string, private readonly process: ChildProcess, private readonly folder: string) {}

  static async start(document: object, upstream: string): Promise<Prism> {
    const folder = mkdtempSync(join(tmpdir(), "boni-prism-"));
    const file = join(folder, "openapi.json");
    writeFileSync(file, JSON.stringify(document));
    const child = spawn(process.execPath, [command, "proxy", file, upstream, "--host", "127.0.0.1", "--port", "0", "--cors", "false"],
      { stdio: ["ignore", "pipe", "inherit"] });
    const url = await new Promise<string>((found, failed) => {
      const said: string[] = [];
      createInterface({ input: child.stdout! }).on("line", (line) => {   // read to the end, so that Prism never waits for us
        if (said.length < 100) said.push(line);
        const address = /listening on (http:\S+)/.exec(line)?.[1];
        if (address) found(address);
      });
      child.once("exit", (code) => failed(new Error(`prism ended with ${code}:\n${said.join("\n")}`)));
    });
    return new Prism(url, child, folder);
  }

  static violations(headers: Headers): Violation[] { return JSON.parse(headers.get("sl-violations") ?? "[]"); }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
