#!/usr/bin/env python3
"""What one request costs: CPU microseconds of boni and of a plain Fastify service with SQLite that does the same work, one core each in turn.

Needs wrk (Debian) and node 22 or what `npm ci` in bench/fastify brings. Prints one JSON document.
usage: tools/cost.py [--seconds 6] [--boni FILE]
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from server import ROOT, Server, pin, usage

WRITE = """local n = 0
request = function()
  n = n + 1
  local body = n % 2 == 0 and '{"primary":{"type":"hangup"}}' or '{"primary":{"type":"hangup"},"metadata":{"n":"' .. n .. '"}}'
  return wrk.format("PUT", nil, {["X-API-Key"] = key, ["Content-Type"] = "application/json", ["Idempotency-Key"] = tag .. n}, body)
end
init = function(words) key = words[1]; tag = words[2] end
"""


def measured(pid, url, key, seconds, script=None):
    """CPU microseconds of `pid` per request, and how many there were."""
    words = pin(1) + ["wrk", "-t1", "-c8", f"-d{seconds}s"]
    words += ["-s", script, url, "--", key, f"run{os.getpid()}-"] if script else ["-H", f"X-API-Key: {key}", url]
    before, _ = usage(pid)
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    after, _ = usage(pid)
    requests = int(re.search(r"(\d+) requests in", said)[1])
    if "Non-2xx" in said:
        raise SystemExit(f"{url}: {said}")
    return {"requests": requests, "cpuUs": round(1e6 * (after - before) / requests, 1)}


def three(pid, api, key, number, seconds, script):
    measured(pid, f"{api}/numbers/{number}", key, 1)   # warm
    return {"getOne": measured(pid, f"{api}/numbers/{number}", key, seconds),
            "getList20": measured(pid, f"{api}/numbers?limit=20", key, seconds),
            "durableWrite": measured(pid, f"{api}/numbers/{number}/route", key, seconds, script)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--boni", default=str(ROOT / "build/release/boni"))
    options = parser.parse_args()
    peer = ROOT / "bench/fastify"
    if not (peer / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=peer, check=True)
    with tempfile.TemporaryDirectory(prefix="boni-cost-") as folder:
        script = Path(folder) / "write.lua"
        script.write_text(WRITE)
        boni = Server(options.boni, folder, "--numbers", "25")
        boni.hear()
        told = boni.told
        ours = three(told["pid"], told["api"], told["apiKey"], told["numbers"][0]["id"], options.seconds, str(script))
        boni.stop()
        node = peer / "node_modules/node/bin/node"
        service = subprocess.Popen(pin(0) + [str(node), "server.mjs", folder + "/peer.db"], cwd=peer, stdout=subprocess.PIPE, text=True)
        at = json.loads(service.stdout.readline())
        theirs = three(service.pid, f"http://127.0.0.1:{at['port']}/v1", at["key"], at["number"], options.seconds, str(script))
        service.send_signal(signal.SIGTERM)
        service.wait()
    print(json.dumps({"boni": ours, "fastify": theirs,
                      "fastifyToBoni": {name: round(theirs[name]["cpuUs"] / ours[name]["cpuUs"], 2) for name in ours}}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
