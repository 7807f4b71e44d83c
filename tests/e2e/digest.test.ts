// A PBX without an address of its own: its trunk is told by a user and a password (sip.md 3.2, 3.3).
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { askSip } from "./support/sip.ts";

let boni: Boni;
beforeAll(async () => { boni = await Boni.start(); });
afterAll(async () => expect(await boni.stop()).toBe(0));

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** RFC 7616 3.4, as an old PBX does it: MD5. */
function credentials(challenge: string, uri: string, user: string, password: string): string {
  const told = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(challenge)![1]!;
  const [realm, nonce, cnonce, nc] = [told("realm"), told("nonce"), "0a4f113b", "00000001"];
  const response = md5([md5(`${user}:${realm}:${password}`), nonce, nc, cnonce, "auth", md5(`INVITE:${uri}`)].join(":"));
  return `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="${cnonce}", algorithm=MD5, response="${response}"`;
}

test("who knows the password of a digest trunk calls from anywhere, nobody else", async () => {
  const { phoneNumber } = boni.ready.numbers[0]!;
  await boni.route({ primary: { type: "hangup" } });
  // Loopback is anywhere now.
  for (const { name } of (await boni.operate("GET", "/trunks")).body.data) expect((await boni.operate("DELETE", `/trunks/${name}`)).status).toBe(204);
  const pbx = { kind: "digest", test: true, auth: { user: "office", secret: "open sesame" } };
  const made = await boni.operate("PUT", "/trunks/pbx", pbx);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  expect(JSON.stringify(made.body)).not.toContain("sesame");
  expect(await boni.operate("PUT", "/trunks/other", pbx)).toMatchObject({ status: 409, body: { error: "duplicate_user" } });
  expect(await boni.operate("PUT", "/trunks/other", { kind: "digest" })).toMatchObject({ status: 422, body: { details: [{ field: "auth" }] } });

  const uri = `sip:${phoneNumber}@${boni.ready.sip}`;
  const asked = await askSip(boni, "INVITE", phoneNumber);
  expect(asked.status).toBe(401);
  const challenge = asked.headers.get("www-authenticate")!;
  expect((await askSip(boni, "INVITE", phoneNumber, [credentials(challenge, uri, "office", "a guess")])).status).toBe(403);
  const good = credentials(challenge, uri, "office", "open sesame");
  expect((await askSip(boni, "INVITE", phoneNumber, [good])).status).toBe(603);
  await boni.event((event) => event.event_type === "call.failed" && event.data.to === phoneNumber);
  const again = await askSip(boni, "INVITE", phoneNumber, [good]);   // overheard by somebody
  expect([again.status, again.headers.get("www-authenticate")]).toEqual([401, expect.stringContaining("stale=true")]);
  expect((await boni.api("GET", "/calls")).body.data).toHaveLength(1);
});
