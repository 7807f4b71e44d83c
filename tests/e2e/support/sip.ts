// One SIP request by hand, over UDP from 127.0.0.1, and its final answer: what a carrier sees before there is a call.
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import type { Boni } from "./boni.ts";

export interface SipAnswer { status: number; headers: Map<string, string> }

const sdp = (port: number) => ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", `m=audio ${port} RTP/AVP 0 8`, ""].join("\r\n");

/** Header names in lower case, the last of a kind. An INVITE's refusal is acknowledged. `extra`: header lines of the request. */
export async function askSip(boni: Boni, method: "INVITE" | "OPTIONS", number: string, extra: string[] = [], withinMs = 3_000): Promise<SipAnswer> {
  const [host, port] = boni.ready.sip.split(":");
  const socket = createSocket("udp4");
  await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
  const { port: own } = socket.address() as AddressInfo;
  const [branch, tag, call] = Array.from({ length: 3 }, () => randomBytes(8).toString("hex"));
  const body = method === "INVITE" ? sdp(own + 1) : "";
  const request = (verb: string, to: string, content: string) => [
    `${verb} sip:${number}@${boni.ready.sip} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK${branch};rport`, "Max-Forwards: 70",
    `From: <sip:+919876500001@127.0.0.1>;tag=${tag}`, `To: <sip:${number}@${boni.ready.sip}>${to}`, `Call-ID: ${call}`, `CSeq: 1 ${verb}`,
    `Contact: <sip:caller@127.0.0.1:${own}>`, ...(verb === method ? extra : []), ...(content ? ["Content-Type: application/sdp"] : []), `Content-Length: ${content.length}`, "", content].join("\r\n");
  try {
    return await new Promise<SipAnswer>((done, failed) => {
      const late = setTimeout(() => failed(new Error(`no final answer to ${method} in ${withinMs} ms`)), withinMs);
      socket.on("message", (data) => {
        const [first, ...lines] = String(data).split("\r\n\r\n")[0]!.split("\r\n");
        const status = Number(first!.split(" ")[1]);
        if (status < 200) return;
        clearTimeout(late);
        const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
        const toTag = /;tag=[^;]+/.exec(headers.get("to") ?? "")?.[0] ?? "";
        if (method === "INVITE") socket.send(request("ACK", toTag, ""), Number(port), host);
        done({ status, headers });
      });
      socket.send(request(method, "", body), Number(port), host);
    });
  } finally {
    socket.close();
  }
}
