"""A boni of one's own for the tools that load it: `boni dev` without limits, on free ports and on core 0. No command itself."""
import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
QUIET_SECONDS = 8                  # ports leave their quarantine, connections their idle time
EXIT_SECONDS_MAX = 60


def usage(pid):
    """CPU seconds used and resident MB of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return (int(fields[11]) + int(fields[12])) / TICKS, resident / 1e6


def pin(core):
    """Command words that keep a process on one core; none on a machine that has no second."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


class Server:
    """`told` is the ready line, `memory` the resident MB seen since `watch`, every quarter of a second."""

    def __init__(self, boni, folder, *flags, settings={}):
        """Its data and its log are in `folder`; `settings` are those of its environment."""
        self.log, self.memory = Path(folder) / "log", []
        free = [word for flag in ("--http", "--sip", "--sips", "--operator", "--metrics") for word in (flag, "127.0.0.1:0")]
        self.process = subprocess.Popen(pin(0) + [boni, "dev", "--json", "--data", f"{folder}/data", "--no-rate-limits", "--limit", "concurrent_calls=5000",
                                                  "--limit", "calls_per_second=5000", *free, *flags],
                                        stdout=subprocess.PIPE, stderr=open(self.log, "w"), text=True, env=os.environ | settings)
        atexit.register(self.process.kill)   # whatever happens to the tool
        ready = self.process.stdout.readline()
        if not ready:
            self.show_log()
            raise SystemExit(f"{boni} did not start")
        self.told = json.loads(ready)

    def hear(self, take=None):
        """Reads what it prints, else it would wait for us; `take` gets each event, on the thread that is returned."""
        def read():
            for line in self.process.stdout:
                if take and (event := json.loads(line).get("event")):
                    take(event)
        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    def watch(self, also=lambda: None):
        """Keeps `memory` from now on; calls `also` once a second."""
        def sample():
            while True:
                try:
                    self.memory.append(self.usage()[1])
                except OSError:
                    return
                if len(self.memory) % 4 == 0:
                    also()
                time.sleep(0.25)
        threading.Thread(target=sample, daemon=True).start()

    def usage(self):
        return usage(self.told["pid"])

    def ask(self, method, path, body=None, door="api", key="apiKey"):
        """One request to the API, or to another door of the ready line; raises OSError when it is refused."""
        request = urllib.request.Request(self.told[door] + path, None if body is None else json.dumps(body).encode(),
                                         {"X-API-Key": self.told[key], "Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.loads(answer.read() or "null")

    def load(self, binary, options, *flags):
        """Starts `binary` with --calls and --seconds of `options` on core 1, calling the first number."""
        number = self.told["numbers"][0]
        return subprocess.Popen(pin(1) + [binary, "--sip", self.told["sip"], "--api", self.told["api"], "--key", self.told["apiKey"], "--number-id", number["id"],
                                          "--number", number["phoneNumber"], "--calls", str(options.calls), "--seconds", str(options.seconds), *flags],
                                stdout=subprocess.PIPE, text=True)

    def crashed(self):
        return self.process.poll() is not None

    def stop(self):
        """SIGTERM unless it has ended; its exit status."""
        if not self.crashed():
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=EXIT_SECONDS_MAX)

    def show_log(self):
        """The end of its log, for whoever wonders why a run failed."""
        sys.stderr.write(self.log.read_text(errors="replace")[-3000:])


def report(load):
    """What a load has to say at its end."""
    return json.loads(load.communicate()[0] or "{}")
