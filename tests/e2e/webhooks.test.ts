// Event webhooks from the outside: endpoints, test events, failing servers, replay.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Boni } from "./support/boni.ts";
import { Customer, signatureFits } from "./support/customer.ts";

let boni: Boni, customer: Customer;
beforeAll(async () => {
  boni = await Boni.start();
  customer = await Customer.start();
});
afterAll(async () => {
  expect(await boni.stop()).toBe(0);
  await customer.stop();
});

const delivery = (fits: (one: any) => boolean) => vi.waitFor(async () => {
  const found = (await boni.api("GET", "/webhook-deliveries?limit=100")).body.data.find(fits);
  expect(found, "no such delivery").toBeDefined();
  return found;
}, { timeout: 10_000, interval: 100 });

test("an endpoint's secret is shown once, its test event is signed, and the delivery is on record", async () => {
  const url = customer.on("/hook", () => ({ status: 200 }));
  const created = await boni.api("POST", "/webhook-endpoints", { url, events: ["call.completed"] });
  expect(created.status).toBe(201);
  expect(created.body.signingSecret).toMatch(/^whsec_/);
  expect(created.body.signingSecret.startsWith(created.body.signingSecretPrefix)).toBe(true);
  const again = await boni.api("POST", "/webhook-endpoints", { url, events: ["call.completed", "call.failed"] });
  expect(again.body.id).toBe(created.body.id);
  expect(again.body.signingSecret).toBeUndefined();
  const tested = await boni.api("POST", `/webhook-endpoints/${created.body.id}/test`);
  expect(tested.status).toBe(202);
  const received = await customer.received((request) => request.path === "/hook");
  expect(signatureFits(created.body.signingSecret, received)).toBe(true);
  expect(received.headers["x-boni-event-id"]).toBe(received.body.event_id);
  expect(received.headers["x-boni-attempt"]).toBe("1");
  expect(received.body.data.test).toBe(true);
  const done = await delivery((one) => one.eventId === received.body.event_id && one.status === "delivered");
  expect(done).toMatchObject({ attemptCount: 1, lastStatusCode: 200, event: "call.completed" });
  expect(done.nextRetryAt).toBeUndefined();

  const replayed = await boni.api("POST", `/webhook-deliveries/${done.id}/replay`);
  expect(replayed.status).toBe(202);
  const second = await customer.received((request) => request.path === "/hook" && request !== received);
  expect(second.raw).toBe(received.raw);
  expect(signatureFits(created.body.signingSecret, second)).toBe(true);
  await delivery((one) => one.id === done.id && one.attemptCount === 2 && one.status === "delivered");
});

test("a failing server is retried on schedule, 410 switches its endpoint off", async () => {
  let answers = [500, 200];
  const url = customer.on("/flaky", () => ({ status: answers.shift() ?? 200 }));
  const flaky = (await boni.api("POST", "/webhook-endpoints", { url, events: ["call.completed"] })).body;
  await boni.api("POST", `/webhook-endpoints/${flaky.id}/test`);
  const failed = await delivery((one) => one.endpointId === flaky.id && one.attemptCount === 1);
  expect(failed).toMatchObject({ status: "pending", lastStatusCode: 500, lastError: "http_500" });
  const wait = Date.parse(failed.nextRetryAt) - Date.parse(failed.updatedAt);
  expect(wait).toBeGreaterThan(3_900);
  expect(wait).toBeLessThan(6_200);
  await delivery((one) => one.id === failed.id && one.status === "delivered" && one.attemptCount === 2);

  const gone = customer.on("/gone", () => ({ status: 410 }));
  const endpoint = (await boni.api("POST", "/webhook-endpoints", { url: gone, events: ["call.completed"] })).body;
  await boni.api("POST", `/webhook-endpoints/${endpoint.id}/test`);
  await delivery((one) => one.endpointId === endpoint.id && one.status === "failed" && one.lastError === "gone");
  const off = (await boni.api("GET", "/webhook-endpoints")).body.data.find((one: any) => one.id === endpoint.id);
  expect(off).toMatchObject({ enabled: false, disabledReason: "gone" });
  expect((await boni.api("POST", `/webhook-endpoints/${endpoint.id}/test`)).status).toBe(409);
}, 40_000);

test("addresses nobody may name are refused with one answer", async () => {
  for (const url of ["https://10.0.0.1/x", "https://169.254.169.254/", "https://user@example.com/", "ftp://example.com/", "https://localhost.localdomain/",
    "https://example.com/#x", boni.ready.operatorApi + "/x"]) {
    const refused = await boni.api("POST", "/webhook-endpoints", { url, events: ["call.completed"] });
    expect(refused.status, url).toBe(422);
    expect(refused.body).toMatchObject({ success: false, error: "unsafe_url" });
    expect(refused.body.details[0]).toMatchObject({ field: "url", code: "egress_blocked" });
  }
});
