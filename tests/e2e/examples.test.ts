// The examples, as a customer starts them, each with a call that needs all of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { binary, Boni } from "./support/boni.ts";
import { Phone, tone } from "./support/phone.ts";

let boni: Boni;
const number = () => boni.ready.numbers[0]!;
const folder = mkdtempSync(join(tmpdir(), "boni-examples-"));
const stops: (() => Promise<unknown>)[] = [];
beforeAll(async () => { boni = await Boni.start(); });
afterEach(async () => { for (const stop of stops.splice(0)) await stop(); });
afterAll(async () => {
  expect(await boni.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

/** Where it listens, as it says itself. */
async function example(name: string): Promise<string> {
  const secret = (boni.ready.tenants[0] as any).controlSecret;
  const child = spawn("python3", [fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)), "0"],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, BONI_SIGNING_SECRET: secret } });
  const exit = once(child, "exit");
  stops.push(() => { child.kill(); return exit; });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), exit.then(() => { throw new Error(`${name} ended`); })]);
  return JSON.parse(line).listening;
}

test("ivr.py greets, hears a digit and says goodbye", async () => {
  await boni.route({ primary: { type: "control_webhook", url: `${await example("ivr.py")}/call` } });
  const phone = Phone.call(boni, number().phoneNumber, ["--dtmf", "1", "--expect", "answered,speech,ended_by~platform"]);
  await phone.succeeds();
});

test("parrot.py repeats what the caller said and hangs up when told", async () => {
  await boni.route({ primary: { type: "media_stream", url: await example("parrot.py"), bidirectional: true } });
  const said = join(folder, "said.wav");
  writeFileSync(said, tone(600, 1.5));
  const phone = Phone.call(boni, number().phoneNumber, ["--wav", said, "--dtmf", "1wwww#", "--expect", "answered,tone~600,ended_by~platform"]);
  await phone.succeeds();
});

test("`boni dev` prints for people what an example needs: the key, and the secret that questions are signed with", async () => {
  const data = join(folder, "printed");
  const flags = ["--http", "--sip", "--sips", "--operator", "--metrics"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const child = spawn(binary, ["dev", "--data", data, ...flags], { stdio: ["ignore", "pipe", "ignore"] });
  const exit = once(child, "exit");
  stops.push(() => { child.kill(); return exit; });
  let printed = "";
  child.stdout!.on("data", (piece) => printed += piece);
  await expect.poll(() => printed, { timeout: 10_000 }).toContain("boni call");
  child.kill();
  expect((await exit)[0]).toBe(0);
  const seeded = await Boni.start([], data);
  stops.push(() => seeded.stop());
  expect(printed).toContain(`API key   ${seeded.ready.apiKey}\n`);
  expect(printed).toContain(`secret    ${(seeded.ready.tenants[0] as any).controlSecret} `);
});
