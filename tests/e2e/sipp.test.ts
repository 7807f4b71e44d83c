// Strangers on the line: sipp's own caller with captured RTP, our scenarios for each corner of a dialog, and baresip.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Boni } from "./support/boni.ts";
import { Customer, keepHolding, type Decide } from "./support/customer.ts";

let boni: Boni, customer: Customer, folder: string, refreshed: Promise<string>;
const scenario = (name: string) => fileURLToPath(new URL(`./sipp/${name}.xml`, import.meta.url));

beforeAll(async () => {
  boni = await Boni.start();
  customer = await Customer.start();
  folder = mkdtempSync(join(tmpdir(), "boni-sipp-"));
  symlinkSync("/usr/share/sip-tester", join(folder, "pcap"));   // where sipp's own scenarios look for their captures
  const number = boni.ready.numbers[1]!;
  const url = customer.on("/timer", () => ({ actions: [{ action: "gather", numDigits: 9, timeoutSeconds: 60 }] }));
  await boni.route({ primary: { type: "control_webhook", url } }, number);
  refreshed = sipp(["-sf", scenario("caller_session_timer"), "-s", number.phoneNumber]);
  refreshed.catch(() => {});                                     // told when it is awaited
});
afterAll(async () => {
  expect(await boni.stop()).toBe(0);
  await customer.stop();
  rmSync(folder, { recursive: true, force: true });
});

const route = (decide: Decide) => boni.route({ primary: { type: "control_webhook", url: customer.on("/call", decide) } });

async function sipp(flags: string[]): Promise<string> {
  const child = spawn("sipp", [...flags, "-i", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", "70s", "-timeout_error", "-trace_err", "-error_file", join(folder, "errors"), boni.ready.sip],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout!.on("data", (data) => (output += data));
  child.stderr!.on("data", (data) => (output += data));
  const [code] = await once(child, "close");
  const errors = join(folder, "errors");
  if (code !== 0) throw new Error(`sipp ended with ${code}: ${output.slice(-1500)} ${existsSync(errors) ? readFileSync(errors, "utf8").slice(-1500) : ""}`);
  return output;
}
const number = () => boni.ready.numbers[0]!.phoneNumber;

const corners: [string, Decide][] = [
  ["caller_basic", () => ({ actions: [{ action: "play", text: "Hello." }, { action: "hangup" }] })],
  ["caller_hangs_up", keepHolding],
  ["caller_cancels", () => ({ delayMs: 2800, body: { type: "hangup" } })],
  ["caller_reinvite_hold", keepHolding],
  ["caller_late_offer", keepHolding],
  ["caller_prack", keepHolding],
  ["caller_dtmf_info", keepHolding],
  ["caller_bad_sdp", keepHolding],
];
test.each(corners)("sipp: %s", async (name, decide) => {
  await route(decide);
  await sipp(["-sf", scenario(name), "-s", number()]);
});

test("sipp: caller_unknown_number", async () => {
  await sipp(["-sf", scenario("caller_unknown_number"), "-s", "+918049999999"]);
});

test("sipp -sn uac_pcap: its captured audio and its RFC 4733 digit arrive, the digit once", async () => {
  const digits: string[] = [];
  let id = "";
  await route((request) => {
    id = request.body.data.call.id;
    if (request.body.data.phase === "inbound") return { actions: [{ action: "gather", numDigits: 1, timeoutSeconds: 15, finishOnKey: "" }] };
    digits.push(request.body.data.last.digits);
    return { actions: [{ action: "gather", numDigits: 1, timeoutSeconds: 1, finishOnKey: "" }] };
  });
  await sipp(["-sn", "uac_pcap", "-s", number(), "-d", "1000"]);
  expect(digits[0]).toBe("1");
  expect(digits.slice(1).every((more) => more === "")).toBe(true);
  await boni.event((event) => event.data.callId === id && event.data.final);
  const { detail } = (await boni.api("GET", `/calls/${id}`)).body.timeline.find((row: any) => row.event === "media.quality");
  expect(detail.mosEverySeconds).toBe(5);
  expect(detail.mosSeries[0]).toBeGreaterThan(4);
}, 60_000);

test("baresip: a stranger's softphone completes a call and hears speech", async () => {
  await route(() => ({ actions: [{ action: "play", text: "Hello to a stranger. This is Boni Voice speaking." }, { action: "hangup" }] }));
  const home = join(folder, "baresip");
  const modules = ["/usr/lib/baresip/modules", "/usr/lib/x86_64-linux-gnu/baresip/modules"].find((path) => existsSync(path))!;
  expect(modules, "baresip's modules").toBeTruthy();
  mkdirSync(home);
  writeFileSync(join(home, "accounts"), `<sip:stranger@127.0.0.1>;regint=0\n`);
  const present = readdirSync(modules);
  const wanted = ["stdio.so", "g711.so", "aufile.so", "aubridge.so", "sndfile.so", "account.so", "menu.so"].filter((name) => present.includes(name));
  writeFileSync(join(home, "config"), [`module_path ${modules}`, ...wanted.filter((n) => !["account.so", "menu.so"].includes(n)).map((n) => `module ${n}`),
    "module_app account.so", "module_app menu.so", "audio_player aubridge,ear", "audio_source aufile," + join(home, "silence.wav"),
    "sip_listen 127.0.0.1:0", "net_interface 127.0.0.1", "call_max_calls 2", `snd_path ${home}`].join("\n") + "\n");
  const silence = Buffer.alloc(44 + 16000 * 20);
  silence.write("RIFF", 0); silence.writeUInt32LE(36 + 16000 * 20, 4); silence.write("WAVEfmt ", 8); silence.writeUInt32LE(16, 16); silence.writeUInt16LE(1, 20);
  silence.writeUInt16LE(1, 22); silence.writeUInt32LE(8000, 24); silence.writeUInt32LE(16000, 28); silence.writeUInt16LE(2, 32); silence.writeUInt16LE(16, 34);
  silence.write("data", 36); silence.writeUInt32LE(16000 * 20, 40);
  writeFileSync(join(home, "silence.wav"), silence);
  const child = spawn("baresip", ["-f", home, "-e", `/dial sip:${number()}@${boni.ready.sip}`], { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  child.stdout!.on("data", (data) => (output += data));
  child.stderr!.on("data", (data) => (output += data));
  try {
    const ended = await boni.event((event) => event.data.final && String(event.data.from).includes("stranger"), 25_000);
    expect(ended.event_type, output.slice(-2000)).toBe("call.completed");
    const detail = (await boni.api("GET", `/calls/${ended.data.callId}`)).body;
    const quality = detail.timeline.find((row: any) => row.event === "media.quality").detail;
    expect(quality.packetsReceived).toBeGreaterThan(50);
    const heard = readdirSync(home).find((name) => name.endsWith("-dec.wav"));   // baresip's own recording of what it decoded
    expect(heard, readdirSync(home).join(" ")).toBeTruthy();
    const wav = readFileSync(join(home, heard!));
    let loud = 0;
    for (let at = 44; at + 1 < wav.length; at += 2) if (Math.abs(wav.readInt16LE(at)) > 1500) ++loud;
    expect(loud).toBeGreaterThan(4000);
  } finally {
    child.stdin!.write("/quit\n");
    child.kill("SIGTERM");
    await once(child, "close");
  }
}, 60_000);

test("sipp: caller_session_timer, begun before all others", async () => { await refreshed; }, 80_000);
