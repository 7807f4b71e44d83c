#!/usr/bin/env python3
"""Load on a boni of its own: times, failures, CPU per call-second, memory per call. Prints one JSON document.

Server and callers run on one core each (taskset). With --drain the server gets SIGTERM at half time: nobody may be dropped before that many
seconds are over, every event must still come.
usage: tools/load.py [--stream | --drain 6] [--calls 100] [--seconds 120] [--boni FILE] [--load FILE]
"""
import argparse
import json
import sys
import tempfile
import time

from server import QUIET_SECONDS, ROOT, Server, report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--talk", type=float, default=10)
    parser.add_argument("--boni", default=str(ROOT / "build/release/boni"))
    parser.add_argument("--stream", action="store_true", help="each call talks with a bot over a WebSocket, both ways")
    parser.add_argument("--drain", type=int, default=0, help="SIGTERM at half time, with this limit in seconds")
    parser.add_argument("--load", help="the load's binary; of build/release/bench")
    options = parser.parse_args()
    load_binary = options.load or str(ROOT / "build/release/bench" / ("boni_stream_load" if options.stream else "boni_load"))
    with tempfile.TemporaryDirectory(prefix="boni-load-") as folder:
        server = Server(options.boni, folder, "--drain", str(options.drain))
        server.hear()
        cpu_before, idle_mb = server.usage()
        server.watch()
        flags = [] if options.stream else ["--talk", str(options.talk)]
        if options.drain:
            flags += ["--drain-pid", str(server.told["pid"]), "--drain-at", str(options.seconds / 2), "--drain-limit", str(options.drain)]
        load = server.load(load_binary, options, *flags)
        result = report(load)
        cpu_after, after_mb = server.usage()
        if not options.drain:
            time.sleep(QUIET_SECONDS)
            _, after_mb = server.usage()
        peak_mb = max(server.memory)
        result |= {
            "cpuMsPerCallSecond": 1000 * (cpu_after - cpu_before) / max(1e-9, result.get("callSeconds", 0)),
            "memoryMB": {"idle": idle_mb, "peak": peak_mb, "afterwards": after_mb, "perCall": (peak_mb - idle_mb) / options.calls},
            "serverExit": server.process.wait(timeout=30) if options.drain else server.stop(), "loadExit": load.returncode,
        }
        print(json.dumps(result, indent=2))
        if result["serverExit"] or result["loadExit"]:
            server.show_log()
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
