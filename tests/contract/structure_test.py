#!/usr/bin/env python3
"""openapi.yaml has the structure of the contract and what is ADDED, and says something about each of its parts.

Run by ctest as `contract_structure`, from anywhere.
"""
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))
from extract import skeleton  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
OPERATIONS = 30
# What the contract leaves open and the server decides, where a program should know it.
ADDED = {"#/components/parameters/IdempotencyKey/schema/minLength", "#/components/parameters/IdempotencyKey/schema/pattern"}


def differences(expected, found, at="#"):
    """One line for each place where the two differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key not in found:
                yield f"{at}/{key}: missing"
            elif key not in expected and f"{at}/{key}" not in ADDED:
                yield f"{at}/{key}: not in the contract"
            elif key in expected:
                yield from differences(expected[key], found[key], f"{at}/{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{at}: {len(found)} entries, the contract has {len(expected)}"
        for index, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, f"{at}/{index}")
    elif expected != found:
        yield f"{at}: {found!r}, the contract says {expected!r}"


def operations(document):
    for path, item in document["paths"].items():
        for method in item.keys() & METHODS:
            yield f"{method.upper()} {path}", item[method]


def untold(document):
    """Parts without a word for their reader."""
    for name, operation in operations(document):
        if not operation.get("summary"):
            yield f"{name}: no summary"
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
    breaches = list(differences(contract, skeleton(document))) + list(untold(document))
    if len(known) != OPERATIONS:
        breaches.append(f"the skeleton has {len(known)} operations, not {OPERATIONS}")
    breaches += [f"unserved.txt: {name} is no operation of the contract" for name in unserved() if name not in known]
    for breach in breaches:
        print(breach)
    print(f"contract: {len(known)} operations, {len(unserved())} of them unserved, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
