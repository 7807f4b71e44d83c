// Bots of every bad kind beside ordinary ones: each costs its own stream, whose call goes to the fallback; the ordinary ones notice nothing.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { Bot, payload } from "./support/bot.ts";
import { Customer } from "./support/customer.ts";
import { zoo, type Hostile } from "./support/hostile.ts";
import { Phone } from "./support/phone.ts";

const ordinary = 4;
const ordinary_s = 24;              // longer than the slowest of the others takes to be given up
const growth_max_mb = 96;           // 10 minutes of audio at 16 bits, marks and queues of all of them; not a minute of every flood
let boni: Boni, customer: Customer;
beforeAll(async () => {
  process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ""}:quarantine_size_mb=1`;   // what a sanitizer keeps of freed memory is no growth
  boni = await Boni.start(["--numbers", "40", "--no-rate-limits", "--limit", "concurrent_calls=100", "--limit", "calls_per_second=100"]);
  customer = await Customer.start();
});
afterAll(async () => {
  expect(await boni.stop()).toBe(0);
  await customer.stop();
});

const resident = () => Number(readFileSync(`/proc/${boni.ready.pid}/statm`, "utf8").split(" ")[1]) * 4096 / 1e6;
async function route(number: number, url: string): Promise<void> {
  const fallback = [{ type: "control_webhook", url: customer.origin + "/fallback", timeoutMs: 10_000 }];
  await boni.route({ primary: { type: "media_stream", url, bidirectional: true }, fallback }, boni.ready.numbers[number]);
}
const stoppedOf = (from: string) => boni.event((event) => event.event_type === "stream.stopped" && event.data.from === from, 60_000)
  .catch((error) => { throw new Error(`the call of ${from}: ${String(error).slice(0, 100)}`); });
/** Calls again what a server that was late for half a second has refused with 503. */
async function call(number: number, from: string, ...flags: string[]): Promise<Phone> {
  for (let tries = 1; ; ++tries) {
    const phone = Phone.call(boni, boni.ready.numbers[number]!.phoneNumber, ["--from", from, ...flags]);
    const cameIn = boni.event((event) => event.event_type === "call.inbound.received" && event.data.from === from, 20_000).then(() => true);
    if (await Promise.race([cameIn, phone.ended.then(() => false)]) || tries === 5) return phone;
    cameIn.catch(() => {});
  }
}

/** Talks as a realtime model does: a frame each 20 ms, a mark each half second; closes when the last mark is back. */
async function ordinaryBot(): Promise<Bot> {
  return await Bot.start((message, talk) => {
    if (message.event === "start") {
      const one = JSON.stringify({ event: "media", media: { payload: payload(400, 0.02) } });
      const began = performance.now();
      let sent = 0;
      const timer = setInterval(() => {
        for (const due = Math.min((performance.now() - began) / 20, ordinary_s * 50); sent < due; ++sent) {
          talk.socket.send(one);
          if (sent % 25 === 24) talk.socket.send(JSON.stringify({ event: "mark", mark: { name: String(sent) } }));
        }
        if (sent >= ordinary_s * 50) clearInterval(timer);
      }, 10);
      talk.socket.on("close", () => clearInterval(timer));
    }
    if (message.event === "mark" && message.mark.name === String(ordinary_s * 50 - 1)) talk.socket.close(1000);
  });
}

async function become(bot: Hostile, from: string, number: number): Promise<void> {
  const phone = await call(number, from, "--duration", bot.endless ? "12" : "40");
  const stopped = (await stoppedOf(from)).data;
  const about = `${bot.name}: ${JSON.stringify(stopped)}`;
  expect([bot.reason].flat(), about).toContain(stopped.reason);
  if (bot.closeCode) expect(stopped.closeCode, about).toBe(bot.closeCode);
  await phone.ended;
  const last = (await boni.event((event) => event.data.from === from && event.data.final)).data;
  const { timeline } = (await boni.api("GET", `/calls/${last.callId}`)).body;
  const rows = timeline.map((row: any) => row.detail?.why ? [row.event, `${row.event}:${row.detail.why}`] : row.event).flat();
  for (const row of bot.rows ?? []) expect(rows, about).toContain(row);
  const fellBack = (bot.rows ?? []).includes("route.fallback");
  expect(rows.includes("route.fallback"), about).toBe(fellBack);
  const reached = customer.of("/fallback").filter(({ body }) => body.data.call.id === last.callId).length;
  expect(reached > 0, `${about}: the fallback has the call, and only then`).toBe(fellBack);
  expect(last, about).toMatchObject({ status: "completed", hangupBy: bot.endless ? "caller" : fellBack ? "control_webhook" : "target" });
  bot.check?.(bot.seen);
}

// Forty processes and their clocks: with BONI_ZOO=1, on a machine that does nothing else. What each bot may cost is tested in tests/stream too.
test.runIf(process.env.BONI_ZOO)("the zoo costs its own streams and nothing else", async () => {
  customer.on("/fallback", () => ({ actions: [{ action: "play", text: "Sorry.", voice: "en-IN" }, { action: "hangup" }] }));
  const good = await ordinaryBot();
  const bad = await zoo(expect);
  await route(0, good.url);
  for (const [index, bot] of bad.entries()) await route(index + 1, bot.url);
  const goodFrom = Array.from({ length: ordinary }, (_, i) => `+9198765200${10 + i}`);
  const phones = await Promise.all(goodFrom.map((from) => call(0, from, "--dtmf", "7")));
  await Promise.all(phones.map((phone) => phone.line("answered")));
  const before = resident();
  let peak = before;
  const sampling = setInterval(() => { peak = Math.max(peak, resident()); }, 100);
  onTestFinished(() => clearInterval(sampling));

  const ends: Promise<void>[] = [];
  for (const [index, bot] of bad.entries()) {
    ends.push(become(bot, `+9198765300${10 + index}`, index + 1));
    await new Promise((later) => setTimeout(later, 100));   // not all at once: the phones are processes of their own
  }
  const outcomes = await Promise.allSettled(ends);
  expect(outcomes.flatMap((one) => one.status === "rejected" ? [String(one.reason)] : [])).toEqual([]);

  expect(await Promise.all(phones.map((phone) => phone.ended))).toEqual(goodFrom.map(() => 0));
  for (const from of goodFrom) {
    const stopped = (await stoppedOf(from)).data;
    expect(stopped).toMatchObject({ reason: "peer_closed", closeCode: 1000, reconnects: 0, framesDropped: 0, bytesPlayed: ordinary_s * 8000 });
    const { heard } = good.talks.find((talk) => talk.heard[1].start.customParameters.from_number === from)!;
    const numbers = heard.slice(1).map((message: any) => Number(message.sequenceNumber));
    expect(numbers).toEqual(numbers.map((_: number, index: number) => index + 1));
    expect(heard.filter((message: any) => message.event === "mark").map((message: any) => message.mark))
      .toEqual(Array.from({ length: ordinary_s * 2 }, (_, i) => ({ name: String(25 * i + 24), playedMs: 500 * (i + 1) })));
    expect(heard.filter((message: any) => message.event === "dtmf").map((message: any) => message.dtmf.digit)).toEqual(["7"]);
    const frames = heard.filter((message: any) => message.event === "media").map((message: any) => message.media);
    expect(stopped.framesSent - frames.length, "each frame that was heard of the caller, but for what crossed the close").toBeLessThan(10);
    expect(frames.length).toBeGreaterThan(ordinary_s * 50 * 0.8);   // a phone that shares two cores with all of this is late now and then
    for (const one of frames) expect(Number(one.timestamp)).toBe(20 * (Number(one.chunk) - 1));
  }
  console.log(`${bad.length} bad bots beside ${ordinary} good ones: ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most, ${resident().toFixed(0)} MB afterwards`);
  expect(peak - before).toBeLessThan(growth_max_mb);
  bad.forEach((bot) => bot.stop());
  good.stop();
}, 120_000);
