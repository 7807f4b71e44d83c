// The API's reference as a browser and a script get it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { Boni } from "./support/boni.ts";

let boni: Boni;
beforeAll(async () => { boni = await Boni.start(); });
afterAll(async () => expect(await boni.stop()).toBe(0));
const get = (path: string, init: RequestInit = {}) => fetch(boni.ready.api.replace(/\/v1$/, "") + path, init);

test("/openapi.yaml is the file of this repository, /openapi.json the same document", async () => {
  const text = await (await get("/openapi.yaml")).text();
  expect(text).toBe(readFileSync(fileURLToPath(new URL("../../openapi.yaml", import.meta.url)), "utf8"));
  expect(await (await get("/openapi.json")).json()).toEqual(parse(text));
});

test("/docs shows it with a script of this server, gzipped and kept", async () => {
  const page = await get("/docs");
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  const html = await page.text();
  expect(html).toContain('spec-url="/openapi.json"');
  const path = /<script src="([^"]+)"/.exec(html)![1]!;
  const script = await get(path);
  expect(script.headers.get("content-encoding")).toBe("gzip");
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect(Number(script.headers.get("content-length"))).toBeLessThan(400_000);
  const code = await script.text();
  expect(() => new Function(code)).not.toThrow();
  expect(await (await get(path, { headers: { "Accept-Encoding": "identity" } })).text()).toBe(code);

  const kept = await get(path, { headers: { "If-None-Match": script.headers.get("etag")! } });
  expect(kept.status).toBe(304);
  const head = await get("/docs", { method: "HEAD" });
  expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, page.headers.get("etag"), ""]);
  expect((await get("/docs", { method: "POST" })).status).toBe(405);
});
