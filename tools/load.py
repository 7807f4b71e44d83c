#!/usr/bin/env python3
"""Load on a boni of its own: times, failures, CPU per call-second, memory per call. Prints one JSON document.

Server and callers run on one core each (taskset). With --drain the server gets SIGTERM at half time: nobody may be dropped before that many
seconds are over, every event must still come.
usage: tools/load.py [--stream | --drain 6] [--calls 100] [--seconds 120] [--boni FILE] [--load FILE]
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def usage(pid):
    """CPU seconds used and resident MB of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return (int(fields[11]) + int(fields[12])) / TICKS, resident / 1e6


def pin(core):
    """Command words that keep a process on one core; none on a machine that has no second."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


def start(boni, folder, *flags, settings={}):
    """A boni of one's own on core 0, without limits, on free ports; its log is `folder`/log. `settings` are those of its environment."""
    free = [word for flag in ("--http", "--sip", "--sips", "--operator", "--metrics") for word in (flag, "127.0.0.1:0")]
    return subprocess.Popen(pin(0) + [boni, "dev", "--json", "--data", folder + "/data", "--no-rate-limits", "--limit", "concurrent_calls=5000",
                                      "--limit", "calls_per_second=5000", *free, *flags], stdout=subprocess.PIPE, stderr=open(Path(folder) / "log", "w"),
                            text=True, env=os.environ | settings)


def show_log(folder):
    """The end of a server's log, for whoever wonders why a run failed."""
    sys.stderr.write((Path(folder) / "log").read_text(errors="replace")[-3000:])


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
        server = start(options.boni, folder, "--drain", str(options.drain))
        ready = json.loads(server.stdout.readline())
        pid = ready["pid"]
        threading.Thread(target=lambda: [None for _ in server.stdout], daemon=True).start()
        cpu_before, idle_mb = usage(pid)
        number = ready["numbers"][0]
        load = subprocess.Popen(pin(1) + [load_binary, "--sip", ready["sip"], "--api", ready["api"], "--key", ready["apiKey"], "--number-id", number["id"],
                                          "--number", number["phoneNumber"], "--calls", str(options.calls), "--seconds", str(options.seconds),
                                          *([] if options.stream else ["--talk", str(options.talk)]),
                                          *(["--drain-pid", str(pid), "--drain-at", str(options.seconds / 2), "--drain-limit", str(options.drain)] if options.drain else [])],
                                stdout=subprocess.PIPE, text=True)
        samples = []
        while load.poll() is None:
            samples.append(usage(pid)[1])
            time.sleep(0.5)
        result = json.loads(load.stdout.read() or "{}")
        cpu_after, after_mb = usage(pid)
        if not options.drain:
            time.sleep(8)   # ports leave their quarantine, connections their idle time
            _, after_mb = usage(pid)
            server.send_signal(signal.SIGTERM)
        result |= {
            "cpuMsPerCallSecond": 1000 * (cpu_after - cpu_before) / max(1e-9, result.get("callSeconds", 0)),
            "memoryMB": {"idle": idle_mb, "peak": max(samples), "afterwards": after_mb, "perCall": (max(samples) - idle_mb) / options.calls},
            "serverExit": server.wait(timeout=30), "loadExit": load.returncode,
        }
        print(json.dumps(result, indent=2))
        if result["serverExit"] or result["loadExit"]:
            show_log(folder)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
