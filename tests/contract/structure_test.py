#!/usr/bin/env python3
"""openapi.yaml has the structure of the contract and what is ADDED, tells each event we send, and says something about each part.

Run by ctest as `contract_structure`, from anywhere.
"""
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
from extract import skeleton  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
OPERATIONS = 30
# What the contract leaves out and the server has, where a program should know it. Nothing here asks more of a request.
ADDED = [
    "#/components/parameters/IdempotencyKey/schema/minLength", "#/components/parameters/IdempotencyKey/schema/pattern",
    "#/components/parameters/Cursor", "#/paths/*/responses/200/content/application/json/schema/properties/nextCursor", "#/components/schemas/NextCursor",
    "#/components/parameters/LimitOfShortList",
    "#/components/headers", "#/paths/*/responses/20[012]/headers", *(f"#/components/responses/{name}/headers" for name in (
        "BadRequest", "Unauthorized", "Forbidden", "NotFound", "Conflict", "UnprocessableEntity")),
    *(f"#/components/responses/RateLimited/headers/{name}" for name in ("X-Request-Id", "RateLimit", "RateLimit-Policy")),
    "#/paths/*/responses/413", "#/paths/*/responses/415", "#/paths/*/responses/503",
    "#/components/responses/PayloadTooLarge", "#/components/responses/UnsupportedMediaType", "#/components/responses/Unavailable",
    *(f"#/components/schemas/WebhookEndpoint/allOf/1/properties/{name}"
      for name in ("signingSecret", "createdAt", "updatedAt", "disabledAt", "disabledReason")),
    *(f"#/components/schemas/WebhookDelivery/properties/{name}" for name in ("endpointId", "callId", "updatedAt")),
]
# Optional ones, at the end of any operation's list.
ADDED_PARAMETERS = [{"$ref": f"#/components/parameters/{name}"} for name in ("Limit", "LimitOfShortList", "Cursor", "IdempotencyKey")]
# What we ask and send, which the contract tells in prose only; their schemas are free, those of `paths` are not.
ADDED_TAGS = ["Events", "Control Webhook"]
CONTROL_WEBHOOK = "control.request"


def differences(expected, found, at="#"):
    """One line for each place where the two differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key == "parameters" and isinstance(found.get(key), list):
                wanted = expected.get(key, [])
                ours = found[key][:len(wanted)] + [one for one in found[key][len(wanted):] if one not in ADDED_PARAMETERS]
                yield from differences(wanted, ours, f"{at}/{key}")
            elif key not in found:
                yield f"{at}/{key}: missing"
            elif key in expected:
                yield from differences(expected[key], found[key], f"{at}/{key}")
            elif not any(fnmatchcase(f"{at}/{key}", added) for added in ADDED):
                yield f"{at}/{key}: not in the contract"
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{at}: {len(found)} entries, the contract has {len(expected)}"
        for index, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, f"{at}/{index}")
    elif expected != found:
        yield f"{at}: {found!r}, the contract says {expected!r}"


def operations(document, under="paths"):
    for path, item in document[under].items():
        for method in item.keys() & METHODS:
            yield f"{method.upper()} {path}", item[method]


def references(node):
    """Every $ref below `node`."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from references(item)


def reached(document, root):
    """(kind, name) of every component that `root` leads to."""
    found, left = set(), [root]
    while left:
        for ref in references(left.pop()):
            _, _, kind, name = ref.split("/")
            if (kind, name) not in found:
                found.add((kind, name))
                left.append(document["components"][kind][name])
    return found


def promised(document, contract):
    """The document without what only its webhooks use and the contract does not name, and without their tags."""
    kept = {key: value for key, value in document.items() if key != "webhooks"}
    ours = reached(document, document["webhooks"]) - reached(document, document["paths"])
    kept["components"] = {kind: {name: part for name, part in parts.items() if name in contract["components"].get(kind, {}) or (kind, name) not in ours}
                          for kind, parts in document["components"].items()}
    kept["tags"] = [tag for tag in document["tags"] if tag["name"] not in ADDED_TAGS]
    return kept


def unhooked(document):
    """Events without a webhook, webhooks without an event."""
    types = document["components"]["schemas"]["EventType"]["enum"]
    for name in sorted(set(types + [CONTROL_WEBHOOK]) ^ document["webhooks"].keys()):
        yield f"webhook {name}: " + ("we send no such thing" if name in document["webhooks"] else "missing")
    for name in types:
        body = document["webhooks"].get(name, {}).get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        told = [part["properties"]["event_type"].get("const") for part in body.get("schema", {}).get("allOf", []) if "properties" in part]
        if told != [name] or body.get("example", {}).get("event_type") != name:
            yield f"webhook {name}: schema or example of another event"


def untold(document):
    """Parts without a word for their reader, and operations without a name of their own."""
    names = set()
    for name, operation in [*operations(document), *operations(document, "webhooks")]:
        if not operation.get("summary"):
            yield f"{name}: no summary"
        if operation.get("operationId") in names | {None}:
            yield f"{name}: no operationId, or that of another"
        names.add(operation.get("operationId"))
    for name, schema in document["components"]["schemas"].items():
        if not schema.get("description"):
            yield f"schema {name}: no description"
    for name, response in document["components"]["responses"].items():
        if not response.get("description"):
            yield f"response {name}: no description"


def unserved():
    """What this build answers with 404, as the server's own test reads it."""
    lines = (HERE / "unserved.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main():
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    contract = yaml.safe_load((HERE / "skeleton.yaml").read_text(encoding="utf-8"))
    known = {name for name, _ in operations(contract)}
    breaches = [*differences(contract, skeleton(promised(document, contract))), *unhooked(document), *untold(document)]
    if len(known) != OPERATIONS:
        breaches.append(f"the skeleton has {len(known)} operations, not {OPERATIONS}")
    breaches += [f"unserved.txt: {name} is no operation of the contract" for name in unserved() if name not in known]
    for breach in breaches:
        print(breach)
    print(f"contract: {len(known)} operations, {len(unserved())} of them unserved, {len(document['webhooks'])} webhooks, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
