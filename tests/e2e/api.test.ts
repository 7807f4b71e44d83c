// The API's manners: who may ask, what is wrong, what is repeated, what is apart.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni } from "./support/boni.ts";

let boni: Boni;
beforeAll(async () => { boni = await Boni.start(["--tenants", "2"]); });
afterAll(async () => expect(await boni.stop()).toBe(0));

const route = { primary: { type: "control_webhook", url: "http://127.0.0.1:9009/call" } };

test("every 401 looks the same", async () => {
  const bodies = new Set<string>();
  const changed = boni.ready.apiKey.slice(0, -1) + (boni.ready.apiKey.endsWith("0") ? "1" : "0");
  for (const key of ["", "nonsense", "vp_test_00000000000000000000011r6a0p", changed, boni.ready.operatorKey]) {
    const answer = await boni.api("GET", "/me", undefined, key ? {} : { "X-API-Key": "" }, key);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("ApiKey");
    expect(answer.headers.get("x-request-id")).toBe(answer.body.requestId);
    delete answer.body.requestId;
    bodies.add(JSON.stringify(answer.body));
  }
  expect(bodies.size).toBe(1);
});

test("/me shows every feature and limit", async () => {
  const me = (await boni.api("GET", "/me")).body;
  const off = Object.entries(me.features).filter(([, on]) => !on).map(([name]) => name).sort();
  expect(off, "what is not offered yet").toEqual(["bow_chat", "outbound", "sip_targets", "warm_transfer"]);
  expect(Object.keys(me.features)).toHaveLength(11);
  expect(me.limits.concurrent_calls).toBe(5000);
  expect(me.tenantId ?? me.id ?? me.tenant?.id).toBe(boni.ready.tenants[0]!.id);
});

test("one tenant's things do not exist for another", async () => {
  const [mine, theirs] = boni.ready.tenants;
  const foreign = await boni.api("GET", `/numbers/${theirs!.numbers[0]!.id}`);
  const unknown = await boni.api("GET", "/numbers/num_01KAR7P3M4N5Q6R7S8T9V0W1X2");
  expect(foreign.status).toBe(404);
  delete foreign.body.requestId;
  delete unknown.body.requestId;
  expect(foreign.body).toEqual(unknown.body);
  expect((await boni.api("GET", `/numbers/${mine!.numbers[0]!.id}`, undefined, {}, theirs!.apiKey)).status).toBe(404);
  expect((await boni.api("GET", "/numbers", undefined, {}, theirs!.apiKey)).body.data.map((n: any) => n.id)).toEqual(theirs!.numbers.map((n) => n.id));
});

test("a route is saved, read back, and an equal one changes nothing", async () => {
  const path = `/numbers/${boni.ready.numbers[0]!.id}/route`;
  expect((await boni.api("GET", path)).status).toBe(404);
  const saved = await boni.api("PUT", path, { ...route, fallback: [{ type: "hangup" }], metadata: { campaign: "diwali" } });
  expect(saved.status, JSON.stringify(saved.body)).toBe(200);
  expect(saved.body).toMatchObject({ primary: route.primary, fallback: [{ type: "hangup" }], metadata: { campaign: "diwali" }, status: "active" });
  expect((await boni.api("GET", path)).body).toEqual(saved.body);
  expect((await boni.api("PUT", path, { ...route, fallback: [{ type: "hangup" }], metadata: { campaign: "diwali" } })).body.updatedAt).toBe(saved.body.updatedAt);
});

test("what is wrong with a route is said by field", async () => {
  const path = `/numbers/${boni.ready.numbers[0]!.id}/route`;
  const rows: [unknown, number, string, string?][] = [
    ["{", 400, "invalid_json"], ['{"primary":{"type":"hangup"},"primary":{"type":"hangup"}}', 400, "invalid_json"],
    [{}, 400, "validation_failed", "primary"], [{ primary: { type: "carrier_pigeon" } }, 400, "validation_failed", "primary.type"],
    [{ primary: { type: "control_webhook" } }, 422, "invalid_target", "primary.url"],
    [{ primary: { type: "control_webhook", url: "http://10.0.0.1/" } }, 422, "unsafe_url", "primary.url"],
    [{ primary: { type: "control_webhook", url: "http://127.0.0.1:9009/", timeoutMs: 10 } }, 422, "limit_exceeded", "primary.timeoutMs"],
    [{ primary: { type: "hangup" }, fallback: Array(9).fill({ type: "hangup" }) }, 422, "limit_exceeded", "fallback"],
    [{ primary: { type: "hangup" }, events: { webhookEndpointId: "wh_01KAR7P3M4N5Q6R7S8T9V0W1X2" } }, 422, "unknown_reference", "events.webhookEndpointId"],
  ];
  for (const [body, status, error, field] of rows) {
    const answer = await boni.api("PUT", path, body);
    expect([answer.status, answer.body.error], JSON.stringify(body)).toEqual([status, error]);
    if (field) expect(answer.body.details?.[0]?.field, JSON.stringify(answer.body)).toBe(field);
  }
});

test("methods, types and sizes are refused in the order of the contract", async () => {
  const wrong = await boni.api("DELETE", "/me");
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toContain("GET");
  expect((await boni.api("GET", "/nowhere")).status).toBe(404);
  const path = `/numbers/${boni.ready.numbers[0]!.id}/route`;
  expect((await boni.api("PUT", path, "x=1", { "Content-Type": "text/plain" })).status).toBe(415);
  expect((await boni.api("PUT", path, "x".repeat(70_000))).status).toBe(413);
  expect((await fetch(boni.ready.api + "/me", { method: "HEAD", headers: { "X-API-Key": boni.ready.apiKey } })).status).toBe(200);
  expect((await boni.api("GET", "/calls?limit=0")).status).toBe(400);
  expect((await boni.api("GET", "/calls?cursor=xyz")).status).toBe(400);
  expect((await boni.api("GET", "/calls?from=2026-02-30")).status).toBe(400);
  expect((await boni.api("GET", "/calls?from=2026-02-02&to=2026-02-01")).status).toBe(422);
});

test("health, readiness and metrics are there", async () => {
  const base = boni.ready.metrics.replace("/metrics", "");
  const text = await (await fetch(boni.ready.metrics)).text();
  expect(text).toContain("boni_build_info");
  expect(text).toContain("boni_calls_active");
  for (const path of ["/healthz", "/readyz"]) {
    const answers = await Promise.all([base, boni.ready.api.replace("/v1", "")].map((origin) => fetch(origin + path).then((answer) => answer.status)));
    expect(answers, path).toContain(200);
  }
});
