// Calls that are recorded: by their action and by their route, read at a signed address, and what a crash leaves of one.
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { Customer, signatureFits } from "./support/customer.ts";
import { Phone, tone } from "./support/phone.ts";
import { Wav } from "./support/wav.ts";

const callers = 400, played = 1000;   // Hz
let folder: string, boni: Boni, customer: Customer, secret: string, endpoint: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "boni-recording-"));
  writeFileSync(join(folder, "caller.wav"), tone(callers, 8));
  boni = await Boni.start([], join(folder, "data"));
  customer = await Customer.start();
  // Nothing of calls.
  const created = await boni.api("POST", "/webhook-endpoints", { url: customer.on("/told", () => ({ status: 204 })), events: ["number.activated"] });
  [secret, endpoint] = [created.body.signingSecret, created.body.id];
  customer.on("/tone.wav", () => ({ raw: tone(played, 1) }));
});
afterAll(async () => {
  expect(await boni.stop()).toBe(0);
  await customer.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function route(decision: object, extra: object = {}): Promise<void> {
  const primary = { type: "control_webhook", url: customer.on("/call",
    (request) => request.body.data.phase === "inbound" ? decision : { actions: [{ action: "hangup" }] }) };
  await boni.route({ primary, ...extra });
}
const greet = (seconds: number) => ({ actions: [{ action: "gather", numDigits: 1, timeoutSeconds: seconds, prompt: { text: "Hello." } }] });
async function call(flags: string[]): Promise<[Phone, string]> {
  const seen = boni.events.length;
  const phone = Phone.call(boni, boni.ready.numbers[0]!.phoneNumber, flags);
  await phone.line("answered");
  const event = await boni.event((one) => one.event_type === "call.answered" && boni.events.indexOf(one) >= seen);
  return [phone, event.data.callId];
}
const available = (id: string) => boni.event((event) => event.event_type === "recording.available" && event.data.callId === id).then((event) => event.data);
const settled = (id: string, action: string) => expect.poll(async () => (await boni.api("GET", `/calls/${id}`)).body.timeline
  .some((row: any) => ["action.completed", "action.failed"].includes(row.event) && row.detail.action === action), { timeout: 10_000 }).toBe(true);
/** By the address that the list gives, and without a key. */
async function read(id: string, range?: string): Promise<Response> {
  const [recording] = (await boni.api("GET", `/calls/${id}/recordings`)).body.data;
  return fetch(recording.accessUrl, { headers: range ? { Range: range } : {} });
}
const wav = async (id: string) => new Wav(Buffer.from(await (await read(id)).arrayBuffer()));

test("a dual recording has the caller on the left and what he hears on the right, from its start to its stop", async () => {
  await route(greet(20));
  const [phone, id] = await call(["--wav", join(folder, "caller.wav"), "--duration", "8"]);
  expect((await boni.api("POST", `/calls/${id}/actions/recording/stop`)).body.error).toBe("recording_not_running");
  const started = await boni.api("POST", `/calls/${id}/actions/recording/start`, { channels: "dual", callbackWebhookEndpointId: endpoint });
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  await settled(id, "recording_start");
  expect((await boni.api("POST", `/calls/${id}/actions/recording/start`)).body.error).toBe("recording_already_running");
  expect((await boni.api("POST", `/calls/${id}/actions/play`, { audioUrl: `${customer.origin}/tone.wav` })).status).toBe(202);
  await settled(id, "play");
  expect((await boni.api("GET", `/calls/${id}/recordings`)).body.data).toEqual([]);   // it can be read when it is complete
  expect((await boni.api("POST", `/calls/${id}/actions/recording/stop`)).status).toBe(202);
  const told = await available(id);
  expect(told).toMatchObject({ actionId: started.body.id, channels: "dual", accessPath: `/v1/calls/${id}/recordings` });
  expect(JSON.stringify(told)).not.toContain("signature=");
  const post = await customer.received((request) => request.path === "/told" && request.body.data.recordingId === told.recordingId);
  expect(signatureFits(secret, post)).toBe(true);
  phone.hangUp();
  await phone.ended;

  const [row] = (await boni.api("GET", `/calls/${id}/recordings`)).body.data;
  expect(row).toMatchObject({ id: told.recordingId, durationSeconds: told.durationSeconds });
  const heard = await wav(id);
  expect(heard.channels).toBe(2);
  expect(heard.seconds).toBeCloseTo(told.durationSeconds, 2);
  expect(heard.tone(callers, 0)).toBeGreaterThan(heard.seconds * 0.8);
  expect(heard.tone(callers, 1)).toBeLessThan(0.3);   // speech passes by it
  expect(heard.tone(played, 1)).toBeGreaterThan(0.9);
  expect(heard.tone(played, 1)).toBeLessThan(1.2);
  expect(heard.tone(played, 0)).toBe(0);
  const part = await read(id, "bytes=0-3");
  expect([part.status, await part.text()]).toEqual([206, "RIFF"]);
  const { totals } = (await boni.api("GET", "/usage")).body;
  expect(totals.find((total: any) => total.eventType === "recording_minutes").amount).toBeCloseTo(Math.ceil(told.durationSeconds) / 60, 3);
});

test("a route that records mixes both sides from the answer to the end of the call", async () => {
  await route({ actions: [{ action: "play", audioUrl: `${customer.origin}/tone.wav` }, { action: "hangup" }] }, { recording: { enabled: true } });
  const [phone, id] = await call(["--wav", join(folder, "caller.wav"), "--duration", "8"]);
  await phone.ended;
  const told = await available(id);
  expect(told).toMatchObject({ channels: "mixed" });
  expect(told.actionId).toBeUndefined();
  const heard = await wav(id);
  expect(heard.channels).toBe(1);
  expect(heard.tone(callers) + heard.tone(played)).toBeGreaterThan(0.8);   // the louder of the two is most of it
  const detail = (await boni.api("GET", `/calls/${id}`)).body;
  expect(detail.timeline.map((row: any) => row.event)).toEqual(expect.arrayContaining(["recording.started", "recording.available", "call.completed"]));
  expect(statSync(join(boni.ready.dataDir, "recordings", `${told.recordingId}.wav`)).mode & 0o777).toBe(0o600);
});

test("what a killed process had recorded can be read after the next start, and is told once", async () => {
  await route(greet(30), { recording: { enabled: true } });
  const files = join(boni.ready.dataDir, "recordings"), earlier = readdirSync(files);
  const [phone, id] = await call(["--wav", join(folder, "caller.wav"), "--duration", "9"]);
  const written = () => Math.max(0, ...readdirSync(files).filter((file) => !earlier.includes(file)).map((file) => statSync(join(files, file)).size));
  await expect.poll(written, { timeout: 10_000 }).toBeGreaterThan(32_000);   // it is written every second
  await boni.kill();
  phone.process.kill("SIGKILL");
  renameSync(files, files + ".away");   // its disk is not mounted, twice; another call is recorded meanwhile
  for (let times = 0; times < 2; ++times) {
    boni = await Boni.start([], join(folder, "data"));
    if (times === 0) {
      const [other, meanwhile] = await call(["--duration", "1"]);
      await other.ended;
      await available(meanwhile);
    }
    expect((await boni.api("GET", `/calls/${id}`)).body.timeline.map((row: any) => row.event)).not.toContain("recording.failed");
    expect(await boni.stop()).toBe(0);
  }
  rmSync(files, { recursive: true });
  renameSync(files + ".away", files);
  boni = await Boni.start([], join(folder, "data"));
  const told = await available(id);
  expect(told.durationSeconds).toBeGreaterThan(1.9);
  expect((await wav(id)).tone(callers)).toBeGreaterThan(1.9);
  expect((await boni.api("GET", `/calls/${id}`)).body.status).toBe("failed");
  expect(await boni.stop()).toBe(0);
  boni = await Boni.start([], join(folder, "data"));
  expect((await boni.api("GET", `/calls/${id}/recordings`)).body.data).toHaveLength(1);
  expect((await boni.api("GET", `/calls/${id}`)).body.timeline.filter((row: any) => row.event === "recording.available")).toHaveLength(1);
  expect(readdirSync(files)).toHaveLength(earlier.length + 1);
}, 60_000);
