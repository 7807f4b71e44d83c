// A call that talks to a bot: Twilio's media stream messages over a real WebSocket, both ways.
import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { Bot, payload, type Talk } from "./support/bot.ts";
import { Customer, keepHolding } from "./support/customer.ts";
import { Phone } from "./support/phone.ts";

let boni: Boni, customer: Customer, bot: Bot | undefined;
const number = () => boni.ready.numbers[0]!;
beforeAll(async () => {
  boni = await Boni.start();
  customer = await Customer.start();
});
afterEach(() => bot?.stop());
afterAll(async () => {
  expect(await boni.stop()).toBe(0);
  await customer.stop();
});

const route = (primary: object, fallback: object[] = []) => boni.route({ primary, fallback });
const call = (...flags: string[]) => Phone.call(boni, number().phoneNumber, flags);
const send = (talk: Talk, message: object) => talk.socket.send(JSON.stringify(message));
const over = (type: string, streamId: string) => boni.event((event) => event.event_type === type && event.data.streamId === streamId);

test("a bot hears the caller, is heard, and its close ends the call", async () => {
  bot = await Bot.start((message, talk) => {
    if (message.event === "start") {
      send(talk, { event: "media", media: { payload: payload(700, 2) } });
      send(talk, { event: "mark", mark: { name: "said" } });
    }
    if (message.event === "mark") setTimeout(() => talk.socket.close(1000), 200);
  });
  await route({ type: "media_stream", url: bot.url, bidirectional: true });
  const phone = call("--dtmf", "5", "--expect", "answered,tone~700,ended_by~platform");
  await phone.succeeds();

  const { heard, request } = bot.talks[0]!;
  expect(heard.map((message) => message.event).slice(0, 2)).toEqual(["connected", "start"]);
  const start = heard[1].start;
  expect(start.mediaFormat).toEqual({ encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 });
  expect(start).toMatchObject({ tracks: ["inbound"], accountSid: boni.ready.tenants[0]!.id, customParameters: { to_number: number().phoneNumber } });
  const numbers = heard.slice(1).map((message) => Number(message.sequenceNumber));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const media = heard.filter((message) => message.event === "media").map((message) => message.media);
  expect(media.length).toBeGreaterThan(80);
  expect(media[0].timestamp).toBe("0");
  for (const one of media) {
    expect(Number(one.timestamp)).toBe(20 * (Number(one.chunk) - 1));
    expect(Buffer.from(one.payload, "base64")).toHaveLength(160);
  }
  expect(heard.filter((message) => message.event === "dtmf").map((message) => message.dtmf.digit)).toEqual(["5"]);
  expect(heard.find((message) => message.event === "mark").mark).toEqual({ name: "said", playedMs: 2000 });

  const secret = Buffer.from((boni.ready.tenants[0] as any).controlSecret.replace("whsec_", ""), "base64");
  const signed = createHmac("sha256", secret).update(`${request.headers["x-boni-timestamp"]}.${bot.url}`).digest("hex");
  expect(request.headers["x-boni-signature"]).toBe(`v1=${signed}`);

  const started = await over("stream.started", start.streamSid);
  expect(started.data).toMatchObject({ bidirectional: true, track: "inbound", contentType: "audio/x-mulaw;rate=8000", dialect: "twilio",
    host: "127.0.0.1" });
  const stopped = await over("stream.stopped", start.streamSid);
  expect(stopped.data).toMatchObject({ reason: "peer_closed", closeCode: 1000, framesDropped: 0, reconnects: 0, bytesPlayed: 16000 });
  const { totals } = (await boni.api("GET", "/usage")).body;
  const minutes = totals.find((total: { eventType: string }) => total.eventType === "media_stream_minutes").amount;
  expect(minutes).toBeCloseTo(Math.ceil(stopped.data.durationSeconds) / 60, 5);
  const ended = await boni.event((event) => event.data.callId === start.callSid && event.data.final);
  expect(ended).toMatchObject({ event_type: "call.completed", data: { hangupCause: "normal", hangupBy: "target", targetType: "media_stream" } });
});

test("clear silences the caller's ear at once", async () => {
  let cleared = 0, echoed = 0;
  bot = await Bot.start((message, talk) => {
    if (message.event === "start") {
      send(talk, { event: "media", media: { payload: payload(700, 30) } });
      send(talk, { event: "mark", mark: { name: "end" } });
      setTimeout(() => { cleared = performance.now(); send(talk, { event: "clear" }); }, 1000);
    }
    if (message.event === "mark") {
      echoed = message.at;
      expect(message.mark.playedMs).toBeLessThan(1300);
      setTimeout(() => talk.socket.close(1000), 500);
    }
  });
  await route({ type: "media_stream", url: bot.url, bidirectional: true });
  const phone = call("--expect", "answered,tone~700");
  await phone.ended;
  expect(echoed - cleared).toBeLessThan(100);
  const heard = phone.summary.heard.reduce((sum: number, part: any) => sum + part.untilMs - part.fromMs, 0);
  expect(heard).toBeLessThan(1300);
});

test("a decision sends the call to a bot and is asked again when the bot is done", async () => {
  bot = await Bot.start((message, talk) => { if (message.event === "start") setTimeout(() => talk.socket.close(1000), 300); });
  const url = bot.url, questions: any[] = [];
  await route({ type: "control_webhook", url: customer.on("/call", (request) => {
    questions.push(request.body.data);
    return request.body.data.phase === "inbound" ? { target: { type: "media_stream", url, bidirectional: true } } : { actions: [{ action: "hangup" }] };
  }) });
  const phone = call("--expect", "answered,ended_by~platform");
  await phone.succeeds();
  expect(questions.map((question) => question.phase)).toEqual(["inbound", "stream_ended"]);
  expect(questions[1].last).toMatchObject({ action: "transfer", status: "completed", target: { type: "media_stream" }, closeCode: 1000 });
  expect(questions[1].last.streamId).toMatch(/^strm_/);
});

test("a bot that declines the upgrade is a failed target: the fallback has the call, which was never answered", async () => {
  bot = await Bot.start(() => {}, 404);
  await route({ type: "media_stream", url: bot.url, bidirectional: true }, [{ type: "hangup" }]);
  const phone = call("--expect", "not_answered");
  await phone.succeeds();
  const stopped = await boni.event((event) => event.event_type === "stream.stopped" && event.data.reason === "connect_failed");
  expect(stopped.data.framesSent).toBe(0);
});

test("a stream beside a call is started and stopped over the API, and the call goes on", async () => {
  bot = await Bot.start(() => {});
  await route({ type: "control_webhook", url: customer.on("/hold", keepHolding) });
  const from = "+919876500099";
  const phone = call("--from", from, "--expect", "answered,ended_by~platform");
  const callId = await boni.callFrom(from, "call.answered");
  const at = (action: string) => `/calls/${callId}/actions/${action}`;
  expect((await boni.api("POST", at("stream/start"), { url: "wss://10.0.0.1/" })).body.details[0].field).toBe("url");
  const started = await boni.api("POST", at("stream/start"), { url: bot.url, track: "both" });
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  expect(started.body).toMatchObject({ action: "stream_start", status: "accepted" });
  const { streamId } = started.body;
  expect(streamId).toMatch(/^strm_/);
  await over("stream.started", streamId);
  await expect.poll(() => bot!.talks[0]!.heard.filter((message) => message.event === "media").length, { timeout: 5000 }).toBeGreaterThan(50);
  expect((await boni.api("POST", at("stream/stop"), { streamId: "" })).body.error).toBe("stream_not_running");
  const stop = await boni.api("POST", at("stream/stop"), { streamId });
  expect(stop.status).toBe(202);
  expect((await over("stream.stopped", streamId)).data.reason).toBe("stream_stopped");
  expect((await boni.api("POST", at("stream/stop"), { streamId })).body.error).toBe("stream_not_running");
  const tracks = new Set(bot.talks[0]!.heard.filter((message) => message.event === "media").map((message) => message.media.track));
  expect([...tracks].sort()).toEqual(["inbound", "outbound"]);
  expect(bot.talks[0]!.heard.at(-1)).toMatchObject({ event: "stop", stop: { reason: "stream_stopped" } });
  expect(await bot.talks[0]!.closed).toBe(1000);
  expect((await boni.api("POST", at("hangup"), {})).status).toBe(202);
  await phone.succeeds();
});

test("streams that are stopped together are told in the order of their start, however late their bots are", async () => {
  bot = await Bot.start(() => {});
  await route({ type: "control_webhook", url: customer.on("/three", keepHolding) });
  const from = "+919876500098";
  const phone = await Phone.taken(boni, number().phoneNumber, ["--from", from, "--expect", "answered"]);
  const callId = await boni.callFrom(from, "call.answered");
  const at = (action: string) => `/calls/${callId}/actions/${action}`;
  const ids: string[] = [];
  for (let more = 0; more < 3; ++more) {
    ids.push((await boni.api("POST", at("stream/start"), { url: bot.url })).body.streamId);
    await over("stream.started", ids.at(-1)!);
  }
  bot.talks[0]!.socket.pause();   // hears no goodbye, so that its stream is the last to end
  expect((await boni.api("POST", at("stream/stop"), {})).status).toBe(202);
  const stopped = await Promise.all(ids.map((id) => over("stream.stopped", id)));
  const sequences = stopped.map((event) => event.data.sequence);
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  expect((await boni.api("POST", at("hangup"), {})).status).toBe(202);
  await phone.succeeds();
});

test("a bot that is stopped is heard no more and makes room for the next, however late it says goodbye", async () => {
  let played = () => {};
  const next_mark = () => new Promise<void>((resolve) => { played = resolve; });
  bot = await Bot.start((message, talk) => {
    const first = bot!.talks[0] === talk;
    const say = (hz: number, seconds: number) => send(talk, { event: "media", media: { payload: payload(hz, seconds) } });
    if (message.event === "mark") played();
    // The second one speaks after half a second of the caller's, so that a pause lies between the two.
    if (first ? message.event !== "start" : message.media?.chunk !== "25") return;
    say(first ? 700 : 1100, first ? 0.5 : 1);
    send(talk, { event: "mark", mark: { name: "heard" } });
    if (first) say(700, 30);
  });
  await route({ type: "control_webhook", url: customer.on("/two", (request) =>
    request.body.data.phase === "inbound" ? { actions: [{ action: "gather", timeoutSeconds: 30 }] } : { type: "hangup" }) });
  const from = "+919876500097";
  const phone = await Phone.taken(boni, number().phoneNumber, ["--from", from, "--expect", "answered,tone~1100"]);
  const callId = await boni.callFrom(from, "call.answered");
  const at = (action: string) => `/calls/${callId}/actions/${action}`;
  const start = () => boni.api("POST", at("stream/start"), { url: bot!.url, bidirectional: true });
  const first_heard = next_mark();
  const [one, other] = (await Promise.all([start(), start()])).sort((a, b) => a.status - b.status);
  expect(other!.body.error).toBe("bidirectional_stream_active");
  await over("stream.started", one!.body.streamId);
  await first_heard;
  bot.talks[0]!.socket.pause();   // hears no goodbye
  expect((await boni.api("POST", at("stream/stop"), {})).status).toBe(202);
  const second_heard = next_mark();
  const next = await start();
  expect(next.status, JSON.stringify(next.body)).toBe(202);
  await over("stream.started", next.body.streamId);
  await second_heard;
  expect((await boni.api("POST", at("hangup"), {})).status).toBe(202);
  await phone.succeeds();
  const heard = phone.summary.heard;
  expect(heard[0].untilMs - heard[0].fromMs, JSON.stringify(heard)).toBeLessThan(1000);
});

test("a bot framework hangs up as it would at Twilio", async () => {
  const basic = (user: string, password: string) => ({ Authorization: "Basic " + Buffer.from(`${user}:${password}`).toString("base64") });
  const { id: tenant, apiKey } = boni.ready.tenants[0]!;
  const hang = (call: string, body = "Status=completed", login = basic(tenant, apiKey)) =>
    fetch(`${boni.ready.api.replace(/\/v1$/, "")}/2010-04-01/Accounts/${tenant}/Calls/${call}.json`,
      { method: "POST", body, headers: { ...login, "Content-Type": "application/x-www-form-urlencoded" } });
  bot = await Bot.start(() => {});
  await route({ type: "media_stream", url: bot.url, bidirectional: true });
  const phone = call("--expect", "answered,ended_by~platform");
  await phone.line("answered");
  const talk = bot.talks[0]!;
  await expect.poll(() => talk.heard.length, { timeout: 5000 }).toBeGreaterThan(1);
  const { callSid } = talk.heard[1].start;
  expect(await (await hang(callSid, "Status=completed", basic(tenant, "vp_test_wrong"))).json()).toEqual({ code: 20003, message: "Authenticate",
    status: 401 });
  expect((await hang(callSid, "Status=completed", basic("ten_other", apiKey))).status).toBe(401);
  expect(await (await hang(callSid, "Url=http://x")).json()).toEqual({ code: 20001, message: "Unsupported parameter", status: 400 });
  expect((await hang(callSid, "Url=http://x", { Authorization: basic(tenant, apiKey).Authorization.replace("Basic", "basic") })).status).toBe(400);
  expect(await (await hang(callSid)).json()).toEqual({ sid: callSid, account_sid: tenant, status: "completed" });
  await phone.succeeds();
  expect((await over("stream.stopped", talk.heard[1].streamSid)).data.reason).toBe("call_ended");
  expect(await (await hang(callSid)).json()).toEqual({ code: 20404, message: "The requested resource was not found", status: 404 });
});
