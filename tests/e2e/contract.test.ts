// The server against its own document: every operation through Prism, every event and question against `webhooks`.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni, type Answer } from "./support/boni.ts";
import { Bot } from "./support/bot.ts";
import { Customer } from "./support/customer.ts";
import { Document } from "./support/document.ts";
import { Phone } from "./support/phone.ts";
import { Prism } from "./support/prism.ts";

let boni: Boni, customer: Customer, bot: Bot, closed: Bot, document: Document, prism: Prism;
const seen = new Map<string, Set<string>>();   // operation -> statuses it answered
beforeAll(async () => {
  boni = await Boni.start(["--tenants", "2", "--numbers", "21", "--limit", "numbers=30", "--limit", "voice_agents=30"]);
  customer = await Customer.start();
  bot = await Bot.start((message, talk) => { if (message.event === "start" && talk.request.url!.endsWith("leave=1")) talk.socket.close(1000); });
  closed = await Bot.start(() => {}, 403);
  document = await Document.of(boni.ready.api);
  prism = await Prism.start(withALie(document.json), boni.ready.api);
}, 120_000);   // Prism makes an example of everything before it listens
afterAll(async () => {
  await prism?.stop();
  bot.stop();
  closed.stop();
  expect(await boni.stop()).toBe(0);
  await customer.stop();
});

/** An operation that is not there, with an answer that never is: Prism has to notice. */
function withALie(json: any): object {
  const answer = { description: "Never so.", content: { "application/json": { schema: { type: "object", required: ["never"] } } } };
  return { ...json, paths: { ...json.paths, "/lie": { get: { operationId: "lie", responses: { "404": answer } } } } };
}

interface Wish { query?: string; body?: unknown; headers?: Record<string, string>; key?: string; invalid?: true }

/** Asks through Prism. Nothing may violate the document, but what is asked when it is meant to be `invalid`. */
async function ask(id: string, parameters: Record<string, string> = {}, { query = "", body, headers = {}, key = boni.ready.apiKey, invalid }: Wish = {}): Promise<Answer> {
  const operation = document.operations.find((one) => one.id === id)!;
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => parameters[name]!);
  const response = await fetch(prism.url + path + query, { method: operation.method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { ...(key ? { "X-API-Key": key } : {}), ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers } });
  const text = await response.text();
  const violations = Prism.violations(response.headers);
  expect(violations.filter((one) => one.location[0] === "response" || !invalid), `${id}: ${text}`).toEqual([]);
  if (invalid) expect(violations, `${id} was meant to be invalid`).not.toEqual([]);
  seen.set(id, (seen.get(id) ?? new Set()).add(String(response.status)));
  const answer = { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  expect(document.faultsOfAnswer(operation.method, path, answer), id).toEqual([]);
  return answer;
}

async function expects(status: number, ...asked: Parameters<typeof ask>): Promise<any> {
  const answer = await ask(...asked);
  expect(answer.status, `${asked[0]}: ${JSON.stringify(answer.body)}`).toBe(status);
  return answer.body;
}

/** The operator changes a tenant, or what is below it. */
async function operate(path: string, body: object): Promise<void> {
  const answer = await boni.operate("PATCH", `/tenants/${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}

const unknown = "01KAR7P3M4N5Q6R7S8T9V0W1X2";
const hangup = { type: "hangup" };

test("Prism sees an answer that is not in the document", async () => {
  const response = await fetch(`${prism.url}/lie`, { headers: { "X-API-Key": boni.ready.apiKey } });
  expect(response.status).toBe(404);
  expect(Prism.violations(response.headers)).toMatchObject([{ location: ["response", "body"], code: "required" }]);
});

test("numbers, agents and their routes are as the document says", async () => {
  await expects(200, "getTenantProfile");
  await expects(401, "getTenantProfile", {}, { key: "vp_test_00000000000000000000011r6a0p" });
  await expects(401, "getTenantProfile", {}, { key: "", invalid: true });
  const { data: [number], nextCursor } = await expects(200, "listNumbers", {}, { query: "?limit=1" });
  await expects(200, "listNumbers", {}, { query: `?limit=1&cursor=${nextCursor}` });
  await expects(400, "listNumbers", {}, { query: "?limit=0", invalid: true });
  await expects(200, "getNumber", { number_id: number.id });
  await expects(404, "getNumber", { number_id: `num_${unknown}` });
  await expects(201, "createNumberRequest", {}, { body: { useCase: "Order status", preferredCity: "Pune", fallbackPhoneNumber: "9876543210" } });
  await expects(400, "createNumberRequest", {}, { body: {}, invalid: true });

  const at = { number_id: number.id };
  await expects(404, "getNumberRoute", at);
  const body = { primary: { type: "control_webhook", url: `${customer.origin}/call` }, fallback: [hangup], metadata: { campaign: "diwali" } };
  const headers = { "Idempotency-Key": "route-1" };
  const saved = await expects(200, "saveNumberRoute", at, { body, headers });
  expect(await expects(200, "saveNumberRoute", at, { body, headers })).toEqual(saved);
  await expects(409, "saveNumberRoute", at, { body: { primary: hangup }, headers });
  await expects(422, "saveNumberRoute", at, { body: { primary: { type: "control_webhook", url: "http://10.0.0.1/" } } });
  await expects(200, "getNumberRoute", at);

  const agent = { key: "desk", name: "Desk", language: "hi-IN", greeting: "Namaste.", instructions: "Help.", fallback: hangup };
  const { id } = await expects(201, "createVoiceAgent", {}, { body: agent });
  await expects(409, "createVoiceAgent", {}, { body: agent });
  await expects(200, "listVoiceAgents");
  await expects(200, "getVoiceAgent", { voice_agent_id: id });
  await expects(200, "getUsage");
  await expects(422, "getUsage", {}, { query: "?from=2026-02-02&to=2026-02-01" });
});

test("a page without `limit` is as long as the document says", async () => {
  for (let made = 0; made < 21; ++made)
    await expects(201, "createVoiceAgent", {}, { body: { key: `agent-${made}`, name: "A", language: "en-IN", greeting: "Hello.", instructions: "Help." } });
  for (const id of ["listNumbers", "listVoiceAgents"]) {
    const all = (await expects(200, id, {}, { query: "?limit=100" })).data.length;
    expect(all, id).toBeGreaterThan(20);
    expect((await expects(200, id)).data, id).toHaveLength(Math.min(all, document.pageSize(id)));
  }
});

test("WhatsApp numbers are as the document says", async () => {
  const { data: [number] } = await expects(200, "listWhatsAppNumbers");
  const at = { whatsapp_number_id: number.id };
  await expects(202, "enableWhatsAppCalling", at, { body: { phoneNumberId: "106540352242922", wabaId: "102290129340398", defaultRoute: { primary: hangup } } });
  await expects(422, "saveWhatsAppRoute", at, { body: { primary: { type: "phone_number", phoneNumber: "+918012345678" } } });
  await expects(200, "saveWhatsAppRoute", at, { body: { primary: hangup } });
  await expects(200, "getWhatsAppRoute", at);
  await expects(200, "getNumber", { number_id: number.id });
});

test("each event has a webhook in the document, and its sample fits", async () => {
  const url = customer.on("/samples", () => ({ status: 204 }));
  const endpoint = await expects(201, "saveWebhookEndpoint", {}, { body: { url, events: document.eventTypes } });
  expect(endpoint.signingSecret).toMatch(/^whsec_/);
  await expects(200, "listWebhookEndpoints");
  const at = { webhook_endpoint_id: endpoint.id };
  for (const event of document.eventTypes) {
    await expects(202, "sendTestEvent", at, { body: { event } });
    const received = await customer.received((request) => request.path === "/samples" && request.body.event_type === event);
    expect(document.faultsOfRequest(event, received), received.raw).toEqual([]);
  }
  expect(Object.keys(document.json.webhooks)).toEqual([...document.eventTypes, "control.request"]);
  await expects(202, "sendTestEvent", at);
  await expects(400, "sendTestEvent", at, { body: { event: "call.imagined" }, invalid: true });
  const { data: [delivery] } = await expects(200, "listWebhookDeliveries", {}, { query: "?limit=1&status=delivered" });
  await expects(202, "replayWebhookDelivery", { webhook_delivery_id: delivery.id });
  await expects(404, "replayWebhookDelivery", { webhook_delivery_id: `whd_${unknown}` });
});

test("what the operator does is told as the document says", async () => {
  const url = customer.on("/account", () => ({ status: 200 }));
  await expects(201, "saveWebhookEndpoint", {}, { body: { url, events: ["number.activated", "number.suspended", "whatsapp_calling.enabled"] } });
  const [tenant] = boni.ready.tenants;
  const number = `${tenant!.id}/numbers/${tenant!.numbers[0]!.id}`;
  await operate(number, { activationStatus: "test_passed" });
  await operate(number, { activationStatus: "live" });
  await operate(number, { status: "quarantine", reason: "kyc" });
  const { data: [whatsapp] } = await expects(200, "listWhatsAppNumbers");
  await operate(`${tenant!.id}/whatsapp-numbers/${whatsapp.id}`, { callingStatus: "active" });   // it was asked for above
  for (const event of ["number.activated", "number.suspended", "whatsapp_calling.enabled"]) {
    const received = await customer.received((request) => request.path === "/account" && request.body.event_type === event);
    expect(document.faultsOfRequest(event, received), received.raw).toEqual([]);
  }
});

test("a call, its actions, its events and the questions about it are as the document says", async () => {
  const number = boni.ready.numbers[1]!;
  const decided: any[] = [];
  const decide = (request: any) => {
    const decision = request.body.data.phase === "inbound"
      ? { actions: [{ action: "play", text: "Namaste.", voice: "hi-IN" }, { action: "gather", numDigits: 1, prompt: { text: "Press one.", voice: "en-IN" } }], metadata: { menu: 1 } }
      : request.body.data.phase === "input" ? { target: { type: "media_stream", url: `${bot.url}&leave=1` } }
      : request.body.data.phase === "stream_ended" ? { target: { type: "media_stream", url: closed.url } } : { status: 202, body: {} };
    if (!("status" in decision)) decided.push(decision);
    return decision;
  };
  const events = customer.on("/events", () => ({ status: 200 }));
  await expects(201, "saveWebhookEndpoint", {}, { body: { url: events, events: document.eventTypes } });
  await expects(200, "saveNumberRoute", { number_id: number.id }, { body: { primary: { type: "control_webhook", url: customer.on("/decide", decide), timeoutMs: 10_000 }, fallback: [hangup], metadata: { campaign: "diwali" } } });
  const phone = await Phone.taken(boni, number.phoneNumber, ["--from", "+919876543210", "--dtmf", "1"]);
  const question = (phase: string) => customer.received((request) => request.path === "/decide" && request.body.data.phase === phase);
  const at = { call_id: (await question("inbound")).body.data.call.id as string };
  expect((await question("target_failed")).body.data.last).toMatchObject({ status: "failed", sipStatus: 0, q850: 0 });   // a bot is no SIP

  await expects(409, "stopRecording", at);
  await expects(202, "startRecording", at, { body: { channels: "dual" } });
  const { id: played } = await expects(202, "playToCall", at, { body: { text: "One moment.", voice: "en-IN" },
    headers: { "Idempotency-Key": "play-1" } });
  await expect.poll(async () => (await expects(200, "getCall", at)).timeline.some((row: any) => row.event === "action.completed" && row.detail.actionId === played),
    { timeout: 10_000 }).toBe(true);
  const { streamId } = await expects(202, "startStream", at, { body: { url: bot.url, bidirectional: true } });
  await boni.event((event) => event.event_type === "stream.started" && event.data.streamId === streamId);
  await expects(202, "stopStream", at, { body: { streamId } });
  await boni.event((event) => event.event_type === "stream.stopped" && event.data.streamId === streamId);
  await expects(409, "stopStream", at);
  await expects(202, "stopRecording", at);
  await boni.event((event) => event.event_type === "recording.available");
  await expects(403, "transferCall", at, { body: { target: { type: "phone_number", phoneNumber: "+918012345678" } } });
  await expects(400, "playToCall", { call_id: `call_${unknown}` }, { body: {}, invalid: true });
  await expects(422, "startStream", at, { body: { url: "wss://10.0.0.1/" } });
  await expects(202, "hangUpCall", at, { body: { reason: "normal" } });
  await phone.ended;
  await expects(409, "hangUpCall", at);
  const refused = await Phone.taken(boni, boni.ready.numbers[2]!.phoneNumber);   // it has no route
  await refused.ended;
  await expects(200, "saveNumberRoute", { number_id: number.id }, { body: { primary: { type: "control_webhook", url: customer.on("/never", () => ({ status: 202 })) } } });
  await (await Phone.taken(boni, number.phoneNumber, ["--cancel-after", "0.3"])).ended;

  await expects(200, "listCalls", {}, { query: `?number_id=${number.id}&channel=pstn&limit=1` });
  const { timeline } = await expects(200, "getCall", at);
  expect(timeline.length).toBeGreaterThan(10);
  expect((await expects(200, "listRecordings", at)).data).toHaveLength(1);
  await expects(200, "listTranscripts", at);
  await expects(404, "getCall", { call_id: `call_${unknown}` });

  for (const decision of decided) expect(document.faultsOfDecision(decision), JSON.stringify(decision)).toEqual([]);
  for (const wrong of [{}, { actions: [{ action: "dance" }] }, { type: "pigeon" }, { answer: "late" }, { actions: [{ action: "gather", prompt: {} }] }])
    expect(document.faultsOfDecision(wrong), JSON.stringify(wrong)).not.toEqual([]);
  const questions = customer.of("/decide");
  expect(questions.map((one) => one.body.data.phase)).toEqual(["inbound", "input", "stream_ended", "target_failed", ...questions.slice(4).map(() => "continue")]);
  for (const one of questions) expect(document.faultsOfRequest("control.request", one), one.raw).toEqual([]);
  await customer.received((request) => request.path === "/events" && request.body.event_type === "call.failed");
  await customer.received((request) => request.path === "/events" && request.body.event_type === "call.completed");
  await customer.received((request) => request.path === "/events" && request.body.event_type === "call.no_answer");
  for (const one of customer.of("/events")) expect(document.faultsOfRequest(one.body.event_type, one), one.raw).toEqual([]);
  expect(new Set(customer.of("/events").map((one) => one.body.event_type))).toEqual(new Set(["call.inbound.received", "call.ringing", "call.answered",
    "call.action.accepted", "stream.started", "stream.stopped", "recording.available", "call.completed", "call.failed", "call.no_answer"]));
}, 60_000);

test("an answer to too many requests is as the document says", async () => {
  const { id, apiKey: key } = boni.ready.tenants[1]!;
  await operate(id, { limits: { requests_per_minute: 1 } });
  await expects(200, "getTenantProfile", {}, { key });
  const busy = await ask("getTenantProfile", {}, { key });
  expect(busy.status).toBe(429);
  expect(Number(busy.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
});

test("every operation of the document has answered, and succeeded unless this version cannot", () => {
  const cannot = ["transferCall"];
  const operations = document.operations;
  expect(operations).toHaveLength(30);
  for (const { id, statuses } of operations) {
    const success = statuses.find((status) => status.startsWith("2"))!;
    expect(seen.get(id)?.has(success) ?? false, `${id}: ${[...(seen.get(id) ?? [])]}`).toBe(!cannot.includes(id));
  }
  const statuses = new Set([...seen.values()].flatMap((some) => [...some]));
  for (const status of ["400", "401", "403", "404", "409", "422", "429"]) expect(statuses, status).toContain(status);
});
