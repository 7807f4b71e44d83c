// One call, end to end: a real INVITE, real audio, a customer who decides, actions, events.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { Customer, keepHolding, signatureFits, type Decide } from "./support/customer.ts";
import { Phone, tone } from "./support/phone.ts";

let boni: Boni, customer: Customer, secret: string, endpoint: string;
const number = () => boni.ready.numbers[0]!;
const terminal = ["call.completed", "call.failed", "call.no_answer"];

beforeAll(async () => {
  boni = await Boni.start();
  customer = await Customer.start();
  const created = await boni.api("POST", "/webhook-endpoints", { url: customer.on("/events", () => ({ status: 204 })), events: [
    "call.inbound.received", "call.ringing", "call.answered", "call.action.accepted", ...terminal] });
  expect(created.status).toBe(201);
  secret = created.body.signingSecret;
  endpoint = created.body.id;
});
afterAll(async () => {
  expect(await boni.stop()).toBe(0);
  await customer.stop();
});

const route = (decide: Decide, extra: object = {}) =>
  boni.route({ primary: { type: "control_webhook", url: customer.on("/call", decide) }, events: { webhookEndpointId: endpoint }, ...extra });
const idOf = (phone: Phone) => boni.callFrom(from(phone), "call.inbound.received");
const callers = new Map<Phone, string>();
let serial = 0;
function call(flags: string[] = []): Phone {
  const caller = `+9198765${String(10000 + serial++)}`;
  const phone = Phone.call(boni, number().phoneNumber, ["--from", caller, ...flags]);
  callers.set(phone, caller);
  return phone;
}
const from = (phone: Phone) => callers.get(phone)!;
const events = (id: string) => customer.of("/events").filter((request) => request.body.data.callId === id);

test("a caller hears the menu, presses a digit once, hears the answer, and is hung up", async () => {
  const questions: any[] = [];
  await route((request) => {
    questions.push(request);
    const prompt = { text: "Press one for sales, two for support.", voice: "en-IN" };
    if (request.body.data.phase === "inbound") return { actions: [{ action: "gather", numDigits: 1, timeoutSeconds: 6, finishOnKey: "", prompt }] };
    return { actions: [{ action: "play", text: "Thank you.", voice: "hi-IN" }, { action: "hangup" }] };
  });
  const phone = call(["--dtmf", "2", "--expect", "answered,speech,ended_by~platform"]);
  await phone.succeeds();
  expect(phone.summary.ringMs).toBeLessThan(200);
  expect(phone.summary.packetsReceived).toBeGreaterThan(phone.summary.talkedMs / 20 * 0.9);

  expect(questions.map((q) => q.body.data.phase)).toEqual(["inbound", "input"]);
  expect(questions[1].body.data.last).toMatchObject({ action: "gather", status: "completed", digits: "2", finishedBy: "num_digits" });
  for (const question of questions) expect(signatureFits(secret, question)).toBe(true);

  const id = await idOf(phone);
  const last = await customer.received((request) => request.path === "/events" && request.body.data.callId === id && request.body.data.final);
  expect(last.body.event_type).toBe("call.completed");
  expect(last.body.data).toMatchObject({ hangupCause: "normal", hangupBy: "control_webhook", status: "completed" });
  const seen = events(id);
  expect(seen.every((event) => signatureFits(secret, event))).toBe(true);
  expect(seen.map((event) => event.body.data.sequence).sort((a, b) => a - b)).toEqual(seen.map((_, i) => i + 1));
  expect(seen.filter((event) => terminal.includes(event.body.event_type))).toHaveLength(1);

  const detail = (await boni.api("GET", `/calls/${id}`)).body;
  expect(detail).toMatchObject({ id, status: "completed", direction: "inbound", channel: "pstn", hangupCause: "normal" });
  expect(detail).toMatchObject({ from: from(phone), to: number().phoneNumber });
  const rows = detail.timeline.map((row: any) => row.event);
  for (const row of ["control.requested", "control.decided", "gather.started", "gather.ended", "action.running", "action.completed"]) expect(rows).toContain(row);
  expect(JSON.stringify(detail.timeline)).not.toContain('"2"');
  const onWire = (event: string) => detail.timeline.find((row: any) => row.event === event).detail.sip;
  expect(["call.inbound.received", "call.ringing", "call.answered", "call.completed"].map(onWire)).toEqual([{ method: "INVITE" },
    { method: "INVITE", status: 180 }, { method: "INVITE", status: 200 }, { method: "BYE", by: "platform", reason: "Q.850;cause=16" }]);
});

test("`boni call` fails when what it was to record is nowhere", async () => {
  await route(() => ({ actions: [{ action: "play", text: "Hello." }], answer: "auto" }));
  const phone = call(["--duration", "1", "--record", "/nowhere/heard.wav"]);
  expect(await phone.ended).toBe(1);
  expect(phone.errors.at(-1)).toBe("boni call: /nowhere/heard.wav could not be written");
});

test("a tone the customer serves reaches the caller's ear", async () => {
  const url = customer.on("/tone.wav", () => ({ raw: tone(700, 2) }));
  await route(() => ({ actions: [{ action: "play", audioUrl: url, loop: 2 }, { action: "hangup" }] }));
  const phone = call(["--expect", "answered,tone~700,talked~3.9"]);
  await phone.succeeds();
  const heard = phone.summary.heard.reduce((sum: number, part: any) => sum + part.untilMs - part.fromMs, 0);
  expect(heard).toBeGreaterThan(3_900);
  expect(heard).toBeLessThan(4_200);
});

test("play and hang-up over the API steer a call that is held", async () => {
  await route(keepHolding);
  const phone = call(["--expect", "answered,speech,ended_by~platform"]);
  await phone.line("answered");
  const id = await idOf(phone);
  await customer.received((request) => request.path === "/call" && request.body.data.phase === "continue" && request.body.data.call.id === id);
  const key = { "Idempotency-Key": `play-${id}` };
  const played = await boni.api("POST", `/calls/${id}/actions/play`, { text: "Hello from the desk.", voice: "en-IN" }, key);
  expect(played.status, JSON.stringify(played.body)).toBe(202);
  expect(played.body).toMatchObject({ callId: id, action: "play" });
  const again = await boni.api("POST", `/calls/${id}/actions/play`, { text: "Hello from the desk.", voice: "en-IN" }, key);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.body).toEqual(played.body);
  expect((await boni.api("POST", `/calls/${id}/actions/play`, { text: "Other." }, key)).body.error).toBe("idempotency_key_reused");
  const hung = await boni.api("POST", `/calls/${id}/actions/hangup`, { reason: "normal" });
  expect(hung.status).toBe(202);
  await phone.succeeds();
  await boni.event((event) => event.data.callId === id && event.data.final);
  expect((await boni.api("POST", `/calls/${id}/actions/hangup`, {})).body.error).toBe("call_not_active");
  expect((await boni.api("GET", `/calls/${id}`)).body.status).toBe("completed");
});

test("a webhook that is down falls back in order, and the route is truthfully failing", async () => {
  const reached: string[] = [];
  const second = customer.on("/second", () => {
    reached.push("second");
    return { actions: [{ action: "play", text: "This is the fallback." }, { action: "hangup" }] };
  });
  await route(() => ({ status: 500 }), { fallback: [{ type: "control_webhook", url: second }, { type: "hangup" }] });
  const phone = call(["--expect", "answered,speech"]);
  await phone.succeeds();
  expect(reached).toEqual(["second"]);
  const id = await idOf(phone);
  await boni.event((event) => event.data.callId === id && event.data.final);
  const rows = (await boni.api("GET", `/calls/${id}`)).body.timeline;
  expect(rows.filter((row: any) => row.event === "control.failed").map((row: any) => row.detail.reason)).toContain("http_500");
  expect(rows.find((row: any) => row.event === "route.fallback").detail).toMatchObject({ index: 1, targetType: "control_webhook" });
  for (let more = 0; more < 4; ++more) await call(["--expect", "answered"]).succeeds();
  expect((await boni.api("GET", `/numbers/${number().id}`)).body.routeStatus).toBe("failing");
  await route(() => ({ actions: [{ action: "play", text: "We are back again." }, { action: "hangup" }] }));
  expect((await boni.api("GET", `/numbers/${number().id}`)).body.routeStatus).toBe("configured");
  await call(["--expect", "answered"]).succeeds();
  expect((await boni.api("GET", `/numbers/${number().id}`)).body.routeStatus).toBe("healthy");
});

test("a refusal before the answer carries its SIP status", async () => {
  await route(() => ({ answer: "never", actions: [{ action: "hangup", reason: "busy" }] }));
  const phone = call(["--expect", "not_answered,status~486"]);
  await phone.succeeds();
  const ended = await boni.event((event) => event.data.from === from(phone) && event.data.final);
  expect(ended).toMatchObject({ event_type: "call.failed", data: { hangupCause: "busy" } });
});

test("a caller who gives up is no_answer, and the pending question is aborted", async () => {
  await route(() => ({ delayMs: 2500, body: { type: "hangup" } }));
  const phone = call(["--cancel-after", "0.5", "--expect", "not_answered,ended_by~caller"]);
  await phone.succeeds();
  const ended = await boni.event((event) => event.data.from === from(phone) && event.data.final);
  expect(ended).toMatchObject({ event_type: "call.no_answer", data: { hangupCause: "caller_cancelled", hangupBy: "caller" } });
});

test("silence of the customer's server costs its budget and no more", async () => {
  await route(() => ({ delayMs: 5000, body: { type: "hangup" } }));
  await boni.route({ primary: { type: "control_webhook", url: customer.origin + "/call", timeoutMs: 500 } });
  const phone = call(["--expect", "not_answered,status~480"]);
  await phone.succeeds();
  const ended = await boni.event((event) => event.data.from === from(phone) && event.data.final);
  expect(ended.data).toMatchObject({ error: "control_webhook_timeout", hangupCause: "control_webhook_timeout" });
  expect((await phone.line("ended")).ms).toBeLessThan(900);
});

test("a number without a route and one nobody owns are refused", async () => {
  const routeless = Phone.call(boni, boni.ready.numbers[1]!.phoneNumber, ["--expect", "not_answered,status~480"]);
  await routeless.succeeds();
  const unknown = Phone.call(boni, "+918041234567", ["--expect", "not_answered,status~404"]);
  await unknown.succeeds();
});

test("TCP and TLS callers are served like UDP ones", async () => {
  await route(() => ({ actions: [{ action: "play", text: "Hello to whoever calls." }, { action: "hangup" }] }));
  await call(["--transport", "tcp", "--expect", "answered,speech"]).succeeds();
  const secure = Phone.call(boni, number().phoneNumber, ["--transport", "tls", "--ca-file", boni.ready.caFile, "--expect", "answered,speech"],
    boni.ready.sips);
  await secure.succeeds();
});

test("the softphone hears without leaving a file behind, hung up or killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "boni-phone-"));
  await route(() => ({ actions: [{ action: "play", text: "This is a long sentence, and nobody is going to hear the end of it.", voice: "en-IN" }] }));
  const heard = Phone.call(boni, number().phoneNumber, [], boni.ready.sip, { TMPDIR: folder });
  await heard.line("audio");
  expect(readdirSync(folder)).toEqual([]);
  heard.process.kill("SIGTERM");
  expect(await heard.ended).toBe(0);
  expect(heard.summary.packetsReceived).toBeGreaterThan(0);
  expect(readdirSync(folder)).toEqual([]);

  const nobody = createSocket("udp4").bind(0, "127.0.0.1");
  await once(nobody, "listening");
  const killed = Phone.call(boni, number().phoneNumber, [], `127.0.0.1:${nobody.address().port}`, { TMPDIR: folder });
  await killed.line("dialling");
  killed.process.kill("SIGKILL");
  expect(await killed.ended).toBeNull();
  expect(readdirSync(folder)).toEqual([]);
  nobody.close();
  rmdirSync(folder);
});

test("a call to a port where nobody listens says so at once", async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const nobody = `127.0.0.1:${socket.address().port}`;
  socket.close();
  await once(socket, "close");
  const phone = Phone.call(boni, number().phoneNumber, [], nobody);
  expect(await phone.ended).toBe(4);
  expect((await phone.line("ended")).cause).toBe(`nobody listens at ${nobody}`);
  expect(phone.summary.ms).toBeLessThan(5_000);   // an INVITE waits 32 s for an answer
});
