// BONI_PRISM=1: what a test file asks the API goes through Prism, in front of whichever of its servers is meant. Prism knows one upstream,
// so that upstream is ours and passes on.
import { createServer, request as pass, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import { Prism } from "./prism.ts";

const meant = "x-upstream";                          // a header that ends here: the API a request is for
let one: Promise<ThroughPrism> | undefined;
afterAll(async () => (await one)?.stop());           // with the file that imports this

export class ThroughPrism {
  private constructor(private readonly prism: Prism, private readonly upstream: Server) {}

  /** The one of this test file; `document` is the same for all its servers. */
  static of(document: object): Promise<ThroughPrism> { return one ??= ThroughPrism.start(document); }

  private static async start(document: object): Promise<ThroughPrism> {
    const upstream = createServer((request, response) => {
      const { [meant]: api, host: _, ...headers } = request.headers;
      const onward = pass(api + request.url!, { method: request.method, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode!, answer.rawHeaders);
        answer.pipe(response);
      });
      onward.once("error", () => response.destroy());
      request.pipe(onward);
    });
    await new Promise<void>((listening) => upstream.listen(0, "127.0.0.1", listening));
    return new ThroughPrism(await Prism.start(document, `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`), upstream);
  }

  async stop(): Promise<void> {
    await this.prism.stop();
    this.upstream.close();
  }

  /** Where to ask instead of `api`, and with what header more. */
  way(api: string): { api: string; headers: Record<string, string> } { return { api: this.prism.url, headers: { [meant]: api } }; }

  /** What Prism has against the answer; what it has against the question is the test's intention. */
  static faults(headers: Headers): string[] {
    return Prism.violations(headers).filter(({ location }) => location[0] === "response").map(({ location, message }) => `Prism: ${location.join(".")} ${message}`);
  }
}
