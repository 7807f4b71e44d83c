// One key, one effect (api-semantics 5): 64 clients at once, and a server that dies between its commit and its reply.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni, type Answer } from "./support/boni.ts";
import { Customer } from "./support/customer.ts";
import { Phone } from "./support/phone.ts";

const rounds = Number(process.env.BONI_RACES ?? 20);
const kills = Number(process.env.BONI_KEYED_KILLS ?? 10);
const clients = 64;
const flags = ["--no-rate-limits", ...["numbers", "voice_agents", "webhook_endpoints"].flatMap((name) => ["--limit", `${name}=1000000`])];
let boni: Boni, customer: Customer;
beforeAll(async () => { customer = await Customer.start(); });
afterAll(async () => await customer.stop());

/** A write that creates, told by the nth name, and how many there are of it afterwards. */
interface Write { name: string; path: string; body?: unknown; count(): Promise<number> }

async function all(path: string, ask: (path: string) => Promise<Answer> = (page) => boni.api("GET", page)): Promise<any[]> {
  const rows: any[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page: any = (await ask(`${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)).body;
    rows.push(...page.data);
    cursor = page.nextCursor;
  }
  return rows;
}

const kinds: ((n: string) => Write | Promise<Write>)[] = [
  (n) => ({
    name: "number request", path: "/number-requests", body: { useCase: n },   // two of them would be as good as one: only the key keeps them apart
    count: async () => (await all("/number-requests", (page) => boni.operate("GET", page))).filter((one) => one.useCase === n).length,
  }),
  (n) => ({
    name: "voice agent", path: "/voice-agents", body: { key: n, name: n, language: "en-IN", greeting: "Hello.", instructions: "Help." },
    count: async () => (await all("/voice-agents")).filter((one) => one.key === n).length,
  }),
  (n) => ({
    name: "webhook endpoint", path: "/webhook-endpoints", body: { url: customer.on(`/${n}`, () => ({ status: 204 })), events: ["number.activated"] },
    count: async () => (await all("/webhook-endpoints")).filter((one) => one.url.endsWith(`/${n}`)).length,
  }),
  async (n) => {
    const { id } = (await boni.api("POST", "/webhook-endpoints", { url: customer.on(`/${n}`, () => ({ status: 204 })), events: ["number.activated"] })).body;
    return {
      name: "test event", path: `/webhook-endpoints/${id}/test`,
      count: async () => (await all("/webhook-deliveries")).filter((one) => one.endpointId === id).length,
    };
  },
];

/** Asks for the hang-up of a call that lives; the key's answer outlives the call. */
async function hangUp(n: string): Promise<Write> {
  const number = boni.ready.numbers[0]!;
  const url = customer.on("/call", () => ({ actions: [{ action: "gather", numDigits: 1, timeoutSeconds: 60, prompt: { text: "Press a key." } }] }));
  await boni.route({ primary: { type: "control_webhook", url } });
  const from = `+9197${n.replace(/\D/g, "").padStart(8, "0")}`;
  const phone = Phone.call(boni, number.phoneNumber, ["--from", from, "--duration", "60"]);
  await phone.line("answered");
  const id = await boni.callFrom(from, "call.answered");
  return {
    name: "hang-up", path: `/calls/${id}/actions/hangup`,
    count: async () => {
      await phone.ended;
      return (await boni.api("GET", `/calls/${id}`)).body.timeline.filter((row: any) => row.event === "call.action.accepted").length;
    },
  };
}

const replayed = (answer: Answer) => answer.headers.get("idempotent-replayed") === "true";
/** Of what the first answer said, all but the secret, which is shown once. */
const said = ({ status, body }: Answer) => {
  const { signingSecret: _, ...rest } = body ?? {};
  return { status, rest };
};

test(`${clients} clients race on one key, ${rounds} times: one effect, one answer`, async () => {
  boni = await Boni.start(flags);
  let [replays, inFlight] = [0, 0];
  for (let round = 0; round < rounds; ++round) {
    if (round > 0 && round % 1000 === 0) {   // no tenant may have so many requests for numbers, endpoints and calls as 10,000 rounds make
      expect(await boni.stop()).toBe(0);
      boni = await Boni.start(flags);
    }
    const make = [...kinds, hangUp][round % (kinds.length + 1)]!;
    const write = await make(`race-${round}`);
    const ask = () => boni.api("POST", write.path, write.body, { "Idempotency-Key": `race-${round}` });
    const answers = await Promise.all(Array.from({ length: clients }, ask));
    const first = answers.filter((one) => one.status < 300 && !replayed(one));
    expect(first, `${write.name}: ${JSON.stringify(answers.map(({ status, body }) => [status, body]))}`).toHaveLength(1);
    for (const answer of answers.filter((one) => one !== first[0])) {
      if (answer.status === 409) {
        expect(answer.body.error, write.name).toBe("idempotency_in_progress");
        expect(answer.headers.get("retry-after")).toBe("1");
        ++inFlight;
      } else {
        expect(replayed(answer), write.name).toBe(true);
        expect(said(answer), write.name).toEqual(said(first[0]!));
        expect(answer.body?.signingSecret).toBeUndefined();
        ++replays;
      }
    }
    expect(await write.count(), write.name).toBe(1);
    const late = await ask();
    expect([said(late), replayed(late)], write.name).toEqual([said(first[0]!), true]);
    const other = await boni.api("POST", write.path, { ...(write.body as object), another: "request" }, { "Idempotency-Key": `race-${round}` });
    expect([other.status, other.body.error]).toEqual([409, "idempotency_key_reused"]);
  }
  console.log(`${rounds} races of ${clients}: ${rounds} effects, ${replays} replays, ${inFlight} in flight`);
  expect(await boni.stop()).toBe(0);
}, 60_000 + rounds * 2_000);

test(`${kills} kills between commit and reply: one effect, the same answer`, async () => {
  const data = mkdtempSync(join(tmpdir(), "boni-idempotency-"));
  boni = await Boni.start(flags, data);
  let [received, committed, lost, took] = [0, 0, 0, 0];
  for (let kill = 0; kill <= kills; ++kill) {   // the first comes after the answers and tells how long they take
    const writes = await Promise.all([...kinds, ...kinds].map((make, index) => make(`kill-${kill}-${index}`)));
    const ask = (write: Write, index: number) => boni.api("POST", write.path, write.body, { "Idempotency-Key": `kill-${kill}-${index}` });
    const started = performance.now();
    const asked = writes.map((write, index) => ask(write, index).catch(() => undefined));
    if (kill === 0) await Promise.all(asked).then(() => { took = performance.now() - started; });
    else if (kill % 2) await Promise.race(asked);   // the others are committed or about to be: answers leave one after another
    else await new Promise((later) => setTimeout(later, Math.random() * 1.2 * took));
    await boni.kill();
    const firsts = await Promise.all(asked);
    boni = await Boni.start(flags, data);
    for (const [index, write] of writes.entries()) {
      const first = firsts[index];
      const before = await write.count();
      const second = await ask(write, index);
      expect(replayed(second), `${write.name} after kill ${kill}: its key is committed with it, or neither is`).toBe(before === 1);
      expect(second.status, `${write.name}: ${JSON.stringify(second.body)}`).toBeLessThan(300);
      if (first) expect([said(second), replayed(second)], write.name).toEqual([said(first), true]);
      expect(await write.count(), `${write.name} after kill ${kill}`).toBe(1);
      const third = await ask(write, index);
      expect([said(third), replayed(third)], write.name).toEqual([said(second), true]);
      first ? ++received : replayed(second) ? ++committed : ++lost;
    }
  }
  const written = received + committed + lost;
  console.log(`1 + ${kills} kills within ${(1.2 * took).toFixed(0)} ms, ${written} writes: ${received} answered before, ${committed} committed and not answered, ${lost} not committed`);
  expect(received).toBeGreaterThanOrEqual(2 * kinds.length);
  expect(received, "no kill came before an answer").toBeLessThan(written);
  expect(await boni.stop()).toBe(0);
  rmSync(data, { recursive: true, force: true });
}, 60_000 + kills * 5_000);
