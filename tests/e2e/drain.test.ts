// SIGTERM under load: new calls go elsewhere, those there are go on until the limit, everything that happened is told before exit 0.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { Bot, payload, type Talk } from "./support/bot.ts";
import { Customer, keepHolding } from "./support/customer.ts";
import { Phone } from "./support/phone.ts";
import { askSip } from "./support/sip.ts";

const limit_s = 6;
const room = ["--limit", "concurrent_calls=50", "--limit", "calls_per_second=100"];
const terminal = ["call.completed", "call.failed", "call.no_answer"];
const told = ["call.inbound.received", "call.ringing", "call.answered", "call.action.accepted", ...terminal, "stream.started", "stream.stopped"];

let callers = 0;
function call(boni: Boni, number: number, ...flags: string[]): { phone: Phone; from: string } {
  const from = `+91987640${String(1000 + callers++)}`;
  return { phone: Phone.call(boni, boni.ready.numbers[number]!.phoneNumber, ["--from", from, ...flags]), from };
}
const route = (boni: Boni, number: number, primary: object) => boni.route({ primary }, boni.ready.numbers[number]);
const readyz = async (boni: Boni) => await fetch(new URL("/readyz", boni.ready.api));

test(`calls have ${limit_s} s to end by themselves, nothing new comes in, nothing is lost`, async () => {
  const data = mkdtempSync(join(tmpdir(), "boni-drain-"));
  const customer = await Customer.start();
  customer.on("/events", () => ({ status: 204, delayMs: 150 }));   // a queue of some length when the calls end together
  const bot = await Bot.start((message, talk) => {
    if (message.event === "start") talk.socket.send(JSON.stringify({ event: "media", media: { payload: payload(700, 1) } }));
  });
  let boni = await Boni.start(["--drain", String(limit_s), ...room], data);
  expect((await boni.api("POST", "/webhook-endpoints", { url: customer.origin + "/events", events: told })).status).toBe(201);
  await route(boni, 0, { type: "control_webhook", url: customer.on("/stays", keepHolding), timeoutMs: 10_000 });
  await route(boni, 1, { type: "media_stream", url: bot.url, bidirectional: true });
  await route(boni, 2, { type: "control_webhook", url: customer.on("/late", () => ({ delayMs: 9_500, body: { actions: [{ action: "hangup" }] } })), timeoutMs: 10_000 });

  const short = Array.from({ length: 3 }, () => call(boni, 0, "--duration", "4"));
  const long = [0, 0, 0, 1, 1].map((number) => call(boni, number));
  const left = call(boni, 1);                                       // its bot closes while the server drains
  await Promise.all([...short, ...long, left].map(({ phone }) => phone.line("audio")));
  await expect.poll(() => bot.talks.length).toBe(3);
  const asked = customer.received((request) => request.path === "/late");
  const rings = call(boni, 2);
  await rings.phone.line("ringing");
  await asked;
  const ids = new Map<string, string>();
  for (const { from } of [...short, ...long, left, rings]) ids.set(from, await boni.callFrom(from, "call.inbound.received"));

  expect((await readyz(boni)).status).toBe(200);
  const exited = once(boni.process, "exit").then(([code]) => ({ code, at: performance.now() }));
  const ends = new Map(long.concat(rings).map((one) => [one, one.phone.line("ended", 30_000).then(() => performance.now())]));
  const began = performance.now();
  boni.process.kill("SIGTERM");
  await expect.poll(async () => (await readyz(boni)).status, { timeout: 1000, interval: 10 }).toBe(503);
  expect(await (await readyz(boni)).json()).toMatchObject({ ready: false, draining: true, database: true, sip: true });
  for (const method of ["INVITE", "OPTIONS"] as const) {
    const refused = await askSip(boni, method, boni.ready.numbers[0]!.phoneNumber);
    expect(refused.status, method).toBe(503);
    expect(Number(refused.headers.get("retry-after")), method).toBeGreaterThanOrEqual(2);
    expect(Number(refused.headers.get("retry-after")), method).toBeLessThanOrEqual(10);
  }
  for (const [method, path, body] of [["POST", "/webhook-endpoints", { url: customer.origin + "/x", events: ["call.failed"] }], ["GET", "/calls", undefined]] as const) {
    const refused = await boni.api(method, path, body);
    expect([refused.status, refused.body.error, refused.body.success], path).toEqual([503, "unavailable", false]);
    expect(Number(refused.headers.get("retry-after")), path).toBeGreaterThanOrEqual(1);
  }
  const steered = await boni.api("POST", `/calls/${ids.get(long[0]!.from)}/actions/play`, { text: "Still here." });
  expect(steered.status, "calls there are can be steered to the end").toBe(202);
  const talkOf = (from: string) => bot.talks.find((talk) => talk.heard[1]?.start.customParameters.from_number === from)!;
  const frames = talkOf(long[3]!.from).heard.length;
  talkOf(left.from).socket.close(1000);

  expect(await Promise.all(short.map(({ phone }) => phone.ended))).toEqual([0, 0, 0]);
  for (const { phone } of short) expect(await phone.line("ended")).toMatchObject({ by: "caller" });
  expect(performance.now() - began).toBeLessThan(1000 * limit_s);
  for (const [{ phone }, at] of ends) {
    const waited = (await at) - began;
    const ended = await phone.line("ended");
    expect(waited, JSON.stringify(ended)).toBeGreaterThan(1000 * limit_s - 100);
    expect(waited, JSON.stringify(ended)).toBeLessThan(1000 * limit_s + 1500);
    expect(ended, "a BYE with Reason Q.850 42, or 503").toMatchObject(phone === rings.phone ? { by: "platform", status: 503 } : { by: "platform", q850: 42 });
  }
  const { code, at } = await exited;
  expect(code).toBe(0);
  expect(at - began).toBeLessThan(1000 * (limit_s + 6));

  for (const one of long.slice(3)) {
    const talk: Talk = talkOf(one.from);
    expect(talk.heard.length, "the stream went on").toBeGreaterThan(frames + 50 * (limit_s - 3));
    expect(talk.heard.at(-1)).toMatchObject({ event: "stop", stop: { reason: "shutdown" } });
    expect(await talk.closed).toBe(1001);
  }
  const causes: [string, object][] = [
    ...short.map(({ from }): [string, object] => [from, { status: "completed", hangupCause: "normal", hangupBy: "caller" }]),
    ...long.map(({ from }): [string, object] => [from, { status: "completed", hangupCause: "draining", hangupBy: "platform", q850: 42 }]),
    [left.from, { status: "completed", hangupCause: "normal" }],
    [rings.from, { status: "failed", hangupCause: "draining", error: "draining", sipStatus: 503 }],
  ];
  const arrived = customer.of("/events").map(({ body }) => body);
  for (const [from, ending] of causes) {
    const seen = arrived.filter((event) => event.data.callId === ids.get(from));
    expect(new Set(seen.map((event) => event.event_id)).size, "each once").toBe(seen.length);
    expect(seen.map((event) => event.data.sequence).sort((a, b) => a - b)).toEqual(seen.map((_, index) => index + 1));
    const last = seen.filter((event) => terminal.includes(event.event_type));
    expect(last, from).toHaveLength(1);
    expect(last[0].data).toMatchObject({ final: true, ...ending });
  }
  for (const one of long.slice(3))
    expect(arrived.find((event) => event.event_type === "stream.stopped" && event.data.from === one.from)?.data).toMatchObject({ reason: "shutdown", framesDropped: 0 });

  const before = arrived.length;
  boni = await Boni.start([], data);                                // and the next process finds nothing to do
  expect((await boni.api("GET", "/webhook-deliveries?status=pending")).body.data).toEqual([]);
  const over = (await boni.api("GET", `/calls/${ids.get(long[0]!.from)}`)).body;
  expect(over).toMatchObject({ status: "completed", hangupCause: "draining" });
  expect(await boni.stop()).toBe(0);
  expect(customer.of("/events")).toHaveLength(before);
  bot.stop();
  await customer.stop();
  rmSync(data, { recursive: true, force: true });
}, 60_000);

test("while calls are drained certificates can be renewed; a second SIGTERM ends at once, and the next start closes what was cut off", async () => {
  const data = mkdtempSync(join(tmpdir(), "boni-drain-"));
  const customer = await Customer.start();
  let boni = await Boni.start(["--drain", "600"], data);
  await route(boni, 0, { type: "control_webhook", url: customer.on("/stays", keepHolding), timeoutMs: 10_000 });
  const { phone } = call(boni, 0);
  await phone.line("answered");
  const { callId } = (await boni.event((event) => event.event_type === "call.answered")).data;
  const exited = once(boni.process, "exit");
  boni.process.kill("SIGTERM");
  await expect.poll(async () => (await readyz(boni)).status, { timeout: 1000, interval: 10 }).toBe(503);
  boni.process.kill("SIGHUP");
  await expect.poll(() => boni.log.some((line) => line.includes("certificates of sip read again")), { interval: 10 }).toBe(true);
  expect(boni.process.exitCode).toBeNull();
  expect((await boni.api("GET", `/calls/${callId}`)).status).toBe(503);   // still draining
  const asked = performance.now();
  boni.process.kill("SIGTERM");
  expect((await exited)[0]).toBe(1);
  expect(performance.now() - asked).toBeLessThan(1000);
  boni = await Boni.start([], data);
  expect((await boni.api("GET", `/calls/${callId}`)).body).toMatchObject({ status: "failed", hangupCause: "node_lost" });
  phone.process.kill("SIGKILL");
  expect(await boni.stop()).toBe(0);
  await customer.stop();
  rmSync(data, { recursive: true, force: true });
});
