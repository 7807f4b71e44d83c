#!/usr/bin/env python3
"""Generated requests against a running server: no 5xx, no status and no shape that openapi.yaml does not name, nothing valid refused,
nothing invalid accepted, no key ignored. The seed is fixed: what fails, fails again.

usage: tests/contract/properties.py <boni> <schemathesis> [--examples N] [--seed N]
"""
import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

# Beside the contract's own: U+0000 in a string is 400 by api-semantics 4, which JSON Schema cannot say; a key that belongs to another
# request is 409 whatever the body, by the order of checks.
CONFIG = """
[generation]
allow-x00 = false
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "431"]
"""


class Server:
    """boni dev on free ports of loopback, with one of everything that a path can name."""

    def __init__(self, binary):
        free = "127.0.0.1:0"
        self.process = subprocess.Popen(
            [binary, "dev", "--json", "--no-rate-limits", "--http", free, "--operator", free, "--metrics", free, "--sip", free, "--sips", free],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.binary = binary

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.ready["api"] + path, method=method, data=json.dumps(body).encode() if body is not None else None,
                                         headers={"X-API-Key": self.ready["apiKey"], "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def names(self):
        """Ids for the parameters of paths."""
        number = self.ready["numbers"][0]
        self.ask("PUT", f"/numbers/{number['id']}/route", {"primary": {"type": "hangup"}})
        subprocess.run([self.binary, "call", number["phoneNumber"], "--sip", self.ready["sip"]], stdout=subprocess.DEVNULL, check=False)
        agent = self.ask("POST", "/voice-agents", {"key": "desk", "name": "Desk", "language": "hi-IN", "greeting": "Namaste.", "instructions": "Help."})
        endpoint = self.ask("POST", "/webhook-endpoints", {"url": "http://127.0.0.1:9000/", "events": ["call.completed"]})
        self.ask("POST", f"/webhook-endpoints/{endpoint['id']}/test", {})
        whatsapp = self.ask("GET", "/whatsapp-calling/numbers")["data"][0]["id"]
        self.ask("PUT", f"/whatsapp-calling/numbers/{whatsapp}/route", {"primary": {"type": "hangup"}})
        return {"number_id": number["id"], "call_id": self.ask("GET", "/calls")["data"][0]["id"], "voice_agent_id": agent["id"],
                "webhook_endpoint_id": endpoint["id"], "webhook_delivery_id": self.ask("GET", "/webhook-deliveries")["data"][0]["id"],
                "whatsapp_number_id": whatsapp}

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


def imaginable(document):
    """The document without what nobody can make up: a cursor that the server did not give is 400, whatever its form."""
    def kept(node):
        if isinstance(node, dict):
            return {key: kept(value) for key, value in node.items()}
        if isinstance(node, list):
            return [kept(one) for one in node if one != {"$ref": "#/components/parameters/Cursor"}]
        return node
    return kept(document)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("boni", type=lambda path: str(Path(path).absolute()))
    arguments.add_argument("schemathesis", type=lambda path: str(Path(path).absolute()), help="its command")
    arguments.add_argument("--examples", type=int, default=150)
    arguments.add_argument("--seed", type=int, default=4)
    wish = arguments.parse_args()
    server = Server(wish.boni)
    try:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "schemathesis.toml"
            names = "".join(f'"path.{name}" = "{value}"\n' for name, value in server.names().items())
            config.write_text(f"{CONFIG}\n[parameters]\n{names}", encoding="utf-8")
            with urllib.request.urlopen(server.ready["api"].removesuffix("/v1") + "/openapi.json", timeout=10) as answer:
                document = Path(folder) / "openapi.json"
                document.write_text(json.dumps(imaginable(json.load(answer))), encoding="utf-8")
            ran = subprocess.run([wish.schemathesis, "--config-file", str(config), "run", str(document), "--url", server.ready["api"],
                                  "--header", f"X-API-Key: {server.ready['apiKey']}", "--seed", str(wish.seed), "--max-examples", str(wish.examples),
                                  "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color"], cwd=folder, check=False)
    finally:
        ended = server.stop()
    print(f"properties: schemathesis ended with {ran.returncode}, the server with {ended}")
    return ran.returncode or ended


if __name__ == "__main__":
    sys.exit(main())
