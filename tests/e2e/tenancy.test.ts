// Another tenant's id and an id that never was are one answer: same status, same headers, same body, same time (api-semantics 2, 404).
// The operations come from /openapi.json, so that a new one is swept without being named here.
import { once } from "node:events";
import { Agent, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { Customer } from "./support/customer.ts";
import { Phone } from "./support/phone.ts";

const samples = Number(process.env.BONI_TENANCY_SAMPLES ?? 40);
const rounds_max = 10;   // noise averages out, a difference stays
let boni: Boni, customer: Customer, phone: Phone;
const owned: Record<string, string> = {};   // the path's parameter -> what tenant two has of that kind
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  boni = await Boni.start(["--tenants", "2", "--no-rate-limits"]);
  customer = await Customer.start();
  const { id, numbers, apiKey } = boni.ready.tenants[1]!;
  const make = async (method: string, path: string, body?: unknown) => {
    const answer = await boni.api(method, path, body, {}, apiKey);
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  };
  const url = customer.on("/call", () => ({ actions: [{ action: "gather", numDigits: 1, timeoutSeconds: 60, prompt: { text: "Press a key." } }] }));
  owned.number_id = numbers[0]!.id;
  await make("PUT", `/numbers/${owned.number_id}/route`, { primary: { type: "control_webhook", url } });
  const whatsapp = await boni.operate("POST", `/tenants/${id}/numbers`, { phoneNumber: "+918040009999", type: "whatsapp_calling" });
  expect(whatsapp.status).toBe(201);
  owned.whatsapp_number_id = whatsapp.body.id;
  await make("POST", `/whatsapp-calling/numbers/${owned.whatsapp_number_id}/enable`, { phoneNumberId: "1234567890" });
  await make("PUT", `/whatsapp-calling/numbers/${owned.whatsapp_number_id}/route`, { primary: { type: "control_webhook", url } });
  owned.voice_agent_id = (await make("POST", "/voice-agents", { key: "desk", name: "Desk", language: "en-IN", greeting: "Hello.", instructions: "Help." })).id;
  const events = customer.on("/events", () => ({ status: 204 }));
  owned.webhook_endpoint_id = (await make("POST", "/webhook-endpoints", { url: events, events: ["number.activated"] })).id;
  await make("POST", `/webhook-endpoints/${owned.webhook_endpoint_id}/test`, { event: "number.activated" });
  await customer.received((one) => one.path === "/events");
  owned.webhook_delivery_id = (await make("GET", "/webhook-deliveries")).data[0].id;
  phone = Phone.call(boni, numbers[0]!.phoneNumber, ["--duration", "120"]);
  await phone.line("answered");
  owned.call_id = (await make("GET", "/calls")).data[0].id;   // it lives while it is swept
});
afterAll(async () => {
  agent.destroy();
  phone.hangUp();
  await phone.ended;
  expect(await boni.stop()).toBe(0);
  await customer.stop();
});

interface Operation { method: string; path: string; parameter: string; body?: unknown }

/** The least a schema asks for: what it means is checked behind 404 (api-semantics 1), so that it need not make sense. */
function least(schema: any, document: any): any {
  if (schema.$ref) return least(schema.$ref.slice(2).split("/").reduce((at: any, name: string) => at[name], document), document);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part: any) => least(part, document)));
  if (schema.enum) return schema.enum[0];
  const required: string[] = [...(schema.required ?? []), ...(schema.anyOf?.[0].required ?? [])];
  if (schema.properties) return Object.fromEntries(required.map((name) => [name, least(schema.properties[name], document)]));
  return { string: schema.format === "uri" ? "https://example.com/" : "x", integer: 1, number: 1, boolean: true, array: [] as unknown[] }[schema.type as string] ?? {};
}

async function operations(): Promise<Operation[]> {
  const document: any = await (await fetch(boni.ready.api.replace("/v1", "/openapi.json"))).json();
  const found: Operation[] = [];
  for (const [path, item] of Object.entries<any>(document.paths)) {
    const parameter = path.match(/\{(\w+)\}/)?.[1];
    for (const method of parameter ? ["get", "put", "post", "patch", "delete"].filter((one) => item[one]) : []) {
      const schema = item[method].requestBody?.content["application/json"].schema;
      found.push({ method: method.toUpperCase(), path, parameter: parameter!, body: schema && least(schema, document) });
    }
  }
  return found;
}

/** One connection for everything: nothing but the id differs. */
async function ask({ method, path, parameter, body }: Operation, id: string): Promise<{ ms: number; status: number; names: string; body: any }> {
  const payload = body === undefined ? "" : JSON.stringify(body);
  const headers = { "X-API-Key": boni.ready.apiKey, ...(payload && { "Content-Type": "application/json", "Content-Length": payload.length }) };
  const started = performance.now();
  const sent = request(boni.ready.api + path.replace(`{${parameter}}`, id), { method, agent, headers });
  sent.end(payload);
  const [answer] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const ms = performance.now() - started;
  return { ms, status: answer.statusCode, names: Object.keys(answer.headers).join(), body: JSON.parse(Buffer.concat(chunks).toString()) };
}

const median = (of: number[]) => [...of].sort((a, b) => a - b)[of.length >> 1]!;
/** By the difference within each pair, which was asked in one moment: a machine that gets slower meanwhile slows both. */
const alike = (foreign: number[], unknown: number[]) =>
  Math.abs(median(foreign.map((ms, n) => ms - unknown[n]!))) <= Math.max(0.1, 0.05 * median(unknown));
/** The last characters differ: such an id is as long, of the same kind, and its neighbour in every index. */
const neverWas = (id: string) => id.slice(0, -4) + [...id.slice(-4)].map((one) => (one === "7" ? "8" : "7")).join("");
/** What the owner gets, without what the living call adds by itself. */
async function theirs({ method, path, parameter, body }: Operation): Promise<{ status: number; body: any }> {
  const answer = await boni.api(method, path.replace(`{${parameter}}`, owned[parameter]!), body, {}, boni.ready.tenants[1]!.apiKey);
  if (answer.body?.timeline) answer.body.timeline = answer.body.timeline.filter((row: any) => row.event.startsWith("action."));
  return { status: answer.status, body: answer.body };
}

test("an id of another tenant is an id that never was, for every operation", async () => {
  const all = await operations();
  expect(all.length).toBeGreaterThanOrEqual(19);
  const reads = all.filter((one) => one.method === "GET");
  const before = await Promise.all(reads.map((one) => theirs(one)));
  const lines: string[] = [];
  for (const operation of all) {
    const name = `${operation.method} ${operation.path}`;
    const foreign = owned[operation.parameter]!;
    expect(foreign, `tenant two needs something for {${operation.parameter}} of ${name}`).toBeDefined();
    const times = { foreign: [] as number[], unknown: [] as number[] };
    for (let rounds = 0; rounds === 0 || (rounds < rounds_max && !alike(times.foreign, times.unknown)); ++rounds) {
      for (let n = 0; n < samples; ++n) {
        const order = n % 2 ? [neverWas(foreign), foreign] : [foreign, neverWas(foreign)];
        const answers = [await ask(operation, order[0]!), await ask(operation, order[1]!)];
        const [other, never] = n % 2 ? answers.reverse() : answers;
        expect([other!.status, never!.status], `${name}: ${JSON.stringify([other!.body, never!.body])}`).toEqual([404, 404]);
        for (const { body } of answers) delete body.requestId;
        expect(other!.body, name).toEqual(never!.body);
        expect(other!.body, name).toMatchObject({ success: false, error: "not_found" });
        expect(other!.names, name).toBe(never!.names);
        times.foreign.push(other!.ms);
        times.unknown.push(never!.ms);
      }
    }
    lines.push(`${median(times.foreign).toFixed(3)} ms foreign, ${median(times.unknown).toFixed(3)} ms unknown, ${times.foreign.length} each: ${name}`);
    expect(alike(times.foreign, times.unknown), lines.at(-1)).toBe(true);
  }
  console.log(lines.join("\n"));

  // Nothing of it happened, and the owner has what the others were told is not there.
  const after = await Promise.all(reads.map((one) => theirs(one)));
  expect(after).toEqual(before);
  for (const operation of all) expect((await theirs(operation)).status, `the owner's ${operation.method} ${operation.path}`).not.toBe(404);
}, 120_000);
