// `boni serve` as a small user starts it: nothing set, every default of docs/operator.md, 0.0.0.0:5060 included. The ports and folders of the
// defaults may be another server's on this machine, so all of it runs in a network and folders of its own.
import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import { binary } from "./support/boni.ts";

interface Ran { code: number; out: string; err: string }
const alone = (script: string) => new Promise<Ran>((done) =>
  execFile("unshare", ["--map-root-user", "--mount", "--net", "bash", "-euo", "pipefail", "-c", script], { env: { ...process.env, BONI: binary }, timeout: 25_000 },
    (error, out, err) => done({ code: error ? Number(error.code ?? 1) : 0, out, err })));

const start = `
  scratch=$(mktemp -d); cp "$BONI" $scratch/boni; export PATH=$scratch:$PATH
  mount -t tmpfs none /var/lib; mount -t tmpfs none /run
  ip link set lo up
  install -d -m 0700 /var/lib/boni; install -d -m 0750 /run/boni
  boni config example > $scratch/boni.toml
  boni config check -c $scratch/boni.toml >&2
  boni serve -c $scratch/boni.toml 2> $scratch/log & pid=$!
  trap 'kill -9 $pid 2> /dev/null || true; tail -20 $scratch/log >&2; rm -rf $scratch' EXIT
  for n in $(seq 100); do curl -sf http://127.0.0.1:9464/readyz > /dev/null && break; sleep 0.1; done
  curl -sf http://127.0.0.1:9464/readyz > /dev/null`;

test("on its defaults it takes a call for what the commands made, and SIGTERM ends it with 0", async () => {
  const { code, out, err } = await alone(`${start}
    boni tenant create acme --name 'Acme Ltd' > /dev/null
    key=$(boni key create --tenant acme --name 'web shop' --json | node -p 'JSON.parse(require("fs").readFileSync(0)).apiKey')
    echo '{"kind":"ip","addresses":["127.0.0.1"],"targets":[{"host":"127.0.0.1","port":5999}]}' | boni trunk set carrier -f - > /dev/null
    boni number add --tenant acme +918040000001 > /dev/null
    api=http://127.0.0.1:8080/v1
    id=$(curl -sf -H "X-API-Key: $key" $api/numbers | node -p 'JSON.parse(require("fs").readFileSync(0)).data[0].id')
    curl -sf -X PUT -H "X-API-Key: $key" -H 'Content-Type: application/json' -d '{"primary":{"type":"hangup"},"fallback":[{"type":"hangup"}]}' $api/numbers/$id/route > /dev/null
    boni call +918040000001 --expect not_answered,ended_by~platform >&2
    for n in $(seq 50); do curl -sf -H "X-API-Key: $key" $api/calls > $scratch/calls; grep -q '"endedAt"' $scratch/calls && break; sleep 0.1; done
    cat $scratch/calls
    kill $pid; wait $pid`);
  expect(code, err).toBe(0);
  expect(JSON.parse(out).data).toMatchObject([{ to: "+918040000001", direction: "inbound" }]);
});
