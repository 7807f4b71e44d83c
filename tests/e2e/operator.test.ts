// The operator's commands as an operator runs them: over the admin socket of a running `boni dev`, with the exit codes of console-and-dx 5.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { binary, Boni } from "./support/boni.ts";
import { Customer, signatureFits } from "./support/customer.ts";
import { Phone } from "./support/phone.ts";

let boni: Boni;
beforeAll(async () => { boni = await Boni.start(); });
afterAll(async () => expect(await boni.stop()).toBe(0));

interface Ran { code: number; out: string; err: string }
const run = (...args: string[]) => new Promise<Ran>((done) =>
  execFile(binary, args, { env: { ...process.env, BONI_ADMIN_SOCKET: boni.ready.adminSocket }, maxBuffer: 64 << 20 }, (error, out, err) =>
    done({ code: error ? Number(error.code) : 0, out, err })));

test("`boni version` says which build it is, to machines too", async () => {
  const { version } = JSON.parse((await run("version", "--json")).out);
  expect(version).toBe(boni.ready.version);
  expect((await run("version")).out).toBe(`boni ${version}\n`);
});

const shell = (line: string) => new Promise<number>((done) =>
  execFile("bash", ["-c", line], { env: { ...process.env, BONI: binary, BONI_ADMIN_SOCKET: boni.ready.adminSocket } },
    (error) => done(error ? Number(error.code) : 0)));

test("what a command prints and nobody gets is a failure", async () => {
  for (const command of ["version", "--help", "config example", "tenant ls --json", "key ls --operator"]) {
    expect(await shell(`"$BONI" ${command} > /dev/null`), command).toBe(0);
    expect(await shell(`"$BONI" ${command} > /dev/full`), command).toBe(1);
    expect(await shell(`"$BONI" ${command} >&-`), command).toBe(1);
  }
  expect(await shell('"$BONI" tenant get nobody > /dev/full')).toBe(3);
});

test("a temporary folder that there is not is told", async () => {
  for (const folder of ["/nonexistent", "/dev/null"]) expect(await shell(`TMPDIR=${folder} "$BONI" dev 2> /dev/null`), folder).toBe(1);
});

test("no file or socket takes the place of a closed standard stream", async () => {
  const free = "--http 127.0.0.1:0 --sip 127.0.0.1:0 --sips 127.0.0.1:0 --operator 127.0.0.1:0 --metrics 127.0.0.1:0";
  const look = "for n in 0 2; do [ $(readlink /proc/$pid/fd/$n) = /dev/null ] || code=9; done";
  expect(await shell(`out=$(mktemp); "$BONI" dev --json ${free} <&- > $out 2>&- & pid=$!; code=0
    for n in $(seq 100); do [ -s $out ] && break; sleep 0.1; done; ${look}; kill $pid; wait $pid || code=8; rm $out; exit $code`)).toBe(0);
});

test("what was done is in `boni audit`", async () => {
  expect(await run("tenant", "create", "acme", "--test")).toMatchObject({ code: 0 });
  const rows = JSON.parse((await run("audit", "--tenant", "acme", "--json")).out).data;
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ who: `uid ${process.getuid!()}`, operation: "POST /v1/tenants", request: { key: "acme" } });
  expect((await run("audit")).out).toMatch(/^at +who +from +operation/);
  expect(await run("audit", "--tenant", "nobody")).toMatchObject({ code: 3 });
  expect((await run("audit", "--help")).out).toContain("boni audit --tenant acme");
});

test("the log of what operators do has no telephone number", async () => {
  const number = "+918040099887";
  expect((await boni.operate("PATCH", `/tenants/demo/numbers/${number}`, { label: "x" })).status).toBe(404);
  expect((await boni.operate("PATCH", `/tenants/demo/numbers/${encodeURIComponent(number)}`, { label: "x" })).status).toBe(404);
  const lines = () => boni.log.filter((line) => line.includes("/v1/tenants/demo/numbers/"));
  await expect.poll(() => lines().length, { timeout: 10_000 }).toBe(2);
  for (const line of lines()) expect(JSON.parse(line).path).toBe("/v1/tenants/demo/numbers/+9180xxxxx887");
});

test("what a command is refused with says what to do next", async () => {
  const refused = async (...args: string[]) => {
    const { code, err } = await run(...args);
    expect(code, err).toBe(3);
    return err.trim().split("\n").at(-1);
  };
  expect(await refused("tenant", "create", "acme")).toBe("list what is there with: boni tenant ls");
  expect(await refused("tenant", "create", "Bad Name")).toBe("see boni tenant create --help");
  expect(await refused("key", "create", "--tenant", "acme", "--scope", "nope")).toBe("see boni key create --help");
  expect(await refused("key", "revoke", "--tenant", "acme", "key_x")).toBe("list what is there with: boni key ls --tenant acme");
  expect(await refused("key", "revoke", "--operator", "key_x")).toBe("list what is there with: boni key ls --operator");
  expect(await refused("number", "set", "--tenant", "acme", "+918099999999", "--label", "x")).toBe("list what is there with: boni number ls");
  expect(await refused("audit", "--from", "soon")).toBe("see boni audit --help");
  expect(await refused("ladder", "call_x", "--tenant", "acme")).toBe("list what is there with: boni cdr --tenant acme");
  expect(await refused("tenant", "ls", "--operator-api", boni.ready.api)).toContain("the operator API of this version?");
});

test("a filter that is empty is a mistake, not everything", async () => {
  for (const args of [["cdr", "--tenant", ""], ["cdr", "--from", ""], ["audit", "--tenant", ""], ["number", "ls", "--tenant", ""], ["number-request", "ls", "--tenant", ""]])
    expect(await run(...args), args.join(" ")).toMatchObject({ code: 2, out: "", err: expect.stringContaining("may not be empty") });
  expect(JSON.parse((await run("tenant", "set", "acme", "--name", "", "--json")).out).displayName).toBe("");
});

test("operators who change one tenant at once lose nothing", async () => {
  const tenant = `/tenants/${boni.ready.tenants[0]!.key}`;
  const { limits: known } = (await boni.operate("GET", tenant)).body;
  const wished = Object.fromEntries(Object.keys(known).map((name, index) => [name, Number(known[name]) + (name === "concurrent_calls" ? 0 : 1 + index)]));
  const answers = await Promise.all(Object.entries(wished).map(([name, value]) => boni.operate("PATCH", tenant, { limits: { [name]: value } })));
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  expect((await boni.operate("GET", tenant)).body.limits).toEqual(wished);
});

test("`boni team` keeps a tenant's teams", async () => {
  const made = await run("team", "add", "sales", "--tenant", "acme", "--strategy", "sequential",
    "--member", "Asha=+919876543210", "--member", "sip:desk@pbx.example.com", "--json");
  expect(made.code, made.err).toBe(0);
  const team = JSON.parse(made.out);
  expect(team.members).toEqual([{ phoneNumber: "+919876543210", name: "Asha" }, { sipUri: "sip:desk@pbx.example.com" }]);
  expect((await run("team", "list", "--tenant", "acme")).out).toContain(team.id);
  expect(JSON.parse((await run("team", "set", "--tenant", "acme", team.id, "--member", "desk-1", "--json")).out).members).toEqual([{ sipEndpoint: "desk-1" }]);
  expect(await run("team", "remove", "--tenant", "acme", team.id)).toMatchObject({ code: 0 });
  expect(await run("team", "rm", "--tenant", "acme", team.id)).toMatchObject({ code: 3 });
});

test("`boni number set` clears what is set to nothing, and names no trunk that is not there", async () => {
  const { phoneNumber } = boni.ready.numbers[2]!;
  const set = (...wish: string[]) => run("number", "set", "--tenant", boni.ready.tenants[0]!.key, phoneNumber, "--json", ...wish);
  expect(JSON.parse((await set("--label", "Front desk", "--trunk", "loopback")).out)).toMatchObject({ label: "Front desk", trunk: "loopback" });
  expect(await set("--trunk", "lopback")).toMatchObject({ code: 3, err: expect.stringContaining("no trunk is called lopback") });
  const cleared = JSON.parse((await set("--label", "", "--trunk", "")).out);
  expect(cleared.label).toBe("");
  expect(cleared.trunk).toBeUndefined();
});

test("`boni price add` takes a price, a pulse and what is included, and nothing after it", async () => {
  const add = (price: string) => run("price", "add", "launch", "--price", `inbound_call_minutes=${price}`, "--json");
  expect(JSON.parse((await add("0.65/60/1000")).out).prices).toEqual({ inbound_call_minutes: { priceInr: 0.65, pulse: 60, included: 1000 } });
  for (const price of ["0.65/60/1000/1", "0.65/", "", "nan", "inf"]) expect(await add(price), price).toMatchObject({ code: 2 });
  expect(await add("0.65/2.5")).toMatchObject({ code: 3, err: expect.stringContaining("pulse must be a whole number") });
});

test("`boni cdr` writes a call that was made, as CSV and as JSON lines", async () => {
  const number = boni.ready.numbers[0]!;
  await boni.route({ primary: { type: "hangup" } });
  await run("call", number.phoneNumber, "--sip", boni.ready.sip, "--from", "+919876500001");
  const ended = await boni.event((event) => event.event_type === "call.failed");
  const lines = (await run("cdr", "--json")).out.trim().split("\n").map((line) => JSON.parse(line));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ callId: ended.data.callId, from: "+919876500001", to: number.phoneNumber, status: "failed",
    hangupCause: "rejected", q850: 21, usage: [] });

  // The record of its leg, verified from the export alone: `hash` is of the bytes of `record` as they stand.
  const line = (await run("cdr", "--json")).out.trim();
  const [, hash, record] = /"legs":\[\{"hash":"([0-9a-f]{64})","record":(\{.*\})\}\]\}$/.exec(line)!;
  expect(createHash("sha256").update(record!).digest("hex")).toBe(hash);
  expect(JSON.parse(record!)).toMatchObject({ callId: ended.data.callId, leg: 1, sequence: 1, prevHash: "0".repeat(64), legClass: "PSTN_IN",
    dtmfCount: 0, sipStatus: 603 });
  expect(JSON.parse(record!)).toMatchObject({ legId: `${ended.data.callId}/1`, transport: "udp", signallingLocal: boni.ready.sip, diversions: 0,
    sipLocalTag: expect.stringMatching(/./), sipRemoteTag: expect.stringMatching(/./) });
  expect(JSON.parse((await run("cdr", "--check", "--json")).out)).toMatchObject({ intact: true, records: 1, last: 1, hash });

  const file = join(boni.ready.dataDir, "calls.csv");
  expect(await run("cdr", "--tenant", boni.ready.tenants[0]!.key, "--out", file)).toMatchObject({ code: 0, out: "" });
  const [head, row] = readFileSync(file, "utf8").split("\r\n").map((line) => line.split(","));
  expect(row![head!.indexOf("call_id")]).toBe(ended.data.callId);
  expect(row![head!.indexOf("from")]).toBe("+919876500001");
  expect(row).toHaveLength(head!.length);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.part`)).toBe(false);
  expect(await run("cdr", "--from", "2026-02-02", "--to", "2026-02-01")).toMatchObject({ code: 3 });
  expect(await run("cdr", "--out", "/nowhere/calls.csv")).toMatchObject({ code: 1 });
  expect(await run("cdr", "--socket", "/nowhere.sock")).toMatchObject({ code: 4 });
});

test("`boni ladder` shows what was said on the wire, and gives it as a capture file", async () => {
  const ended = await boni.event((event) => event.event_type === "call.failed");
  const ladder = ["ladder", ended.data.callId, "--tenant", boni.ready.tenants[0]!.key];
  const rows = await vi.waitFor(async () => {
    const asked = await run(...ladder, "--json");
    expect(asked.code, asked.err).toBe(0);   // it is written when the session is gone
    return JSON.parse(asked.out).data;
  }, { timeout: 10_000, interval: 100 });
  const said = rows.map((row: { direction: string; summary: string }) => `${row.direction} ${row.summary.replace(/ sip:.*/, "")}`);
  expect(said).toEqual(["received INVITE", "sent SIP/2.0 100 Trying", "sent SIP/2.0 180 Ringing", "sent SIP/2.0 603 Decline", "received ACK"]);
  const file = join(boni.ready.dataDir, "call.pcap");
  expect(await run(...ladder, "--pcap", file)).toMatchObject({ code: 0, out: "" });
  const capture = readFileSync(file);
  expect(capture.readUInt32LE(0)).toBe(0xa1b2c3d4);
  expect(capture.includes("INVITE sip:")).toBe(true);
  expect(await run("ladder", "call_x", "--tenant", "acme")).toMatchObject({ code: 3, err: expect.not.stringContaining(" ls") });
  expect(await run("ladder", "call_x", "--tenant", "nobody")).toMatchObject({ code: 3, err: expect.stringContaining("boni tenant ls") });
});

test("what is taken from a tenant is refused on its live calls too, and a new control secret signs their next question", async () => {
  const customer = await Customer.start();
  const { key: tenant, numbers } = boni.ready.tenants[0]!;
  const url = customer.on("/ivr", () => ({ actions: [{ action: "gather", numDigits: 1, timeoutSeconds: 30, prompt: { text: "Press a key." } }] }));
  await boni.route({ primary: { type: "control_webhook", url } }, numbers[1]);
  const phone = Phone.call(boni, numbers[1]!.phoneNumber, ["--from", "+919876500002", "--dtmf", "5", "--duration", "30"]);
  await phone.line("answered");
  const callId = await boni.callFrom("+919876500002", "call.answered");
  expect(await run("tenant", "set", tenant, "--feature", "media_stream=false")).toMatchObject({ code: 0 });
  const refused = await boni.api("POST", `/calls/${callId}/actions/stream/start`, { url: "wss://bot.customer-site.com/" });
  expect(refused).toMatchObject({ status: 403, body: { error: "feature_not_enabled" } });
  const { controlSecret } = JSON.parse((await run("tenant", "rotate-control-secret", tenant, "--json")).out);
  const asked = await customer.received((request) => request.body.data.phase === "input");
  expect(signatureFits(controlSecret, asked)).toBe(true);
  phone.hangUp();
  await phone.ended;
  expect(await run("tenant", "set", tenant, "--feature", "media_stream=true")).toMatchObject({ code: 0 });
  await customer.stop();
});
