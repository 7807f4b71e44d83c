#!/usr/bin/env python3
"""Takes the structure out of an OpenAPI document: every operation, parameter, schema, enum and response, and no prose.

Two documents with the same structure promise a program the same thing; what they tell a reader may differ.
usage: tests/contract/extract.py openapi.yaml > tests/contract/skeleton.yaml
"""
import sys

import yaml

PROSE = {"description", "summary", "title", "example", "examples", "externalDocs", "operationId"}
NAMED = {"properties", "patternProperties", "paths", "schemas", "parameters", "responses", "headers", "requestBodies", "securitySchemes", "content"}


def structure(node, names=False):
    """`names`: the keys of this mapping are chosen names (a property may be called `summary`), not words of OpenAPI."""
    if isinstance(node, dict):
        kept = {}
        for key, value in node.items():
            if names or key not in PROSE:
                kept[str(key)] = structure(value, not names and key in NAMED)
        return kept
    if isinstance(node, list):
        return [structure(item) for item in node]
    return node


def skeleton(document):
    """Without `info`: title and version are the publisher's. Lists whose order means nothing are sorted."""
    kept = structure({key: value for key, value in document.items() if key != "info"})
    return in_order(kept)


def in_order(node):
    if isinstance(node, dict):
        return {key: sorted(value) if key in ("required", "enum") and isinstance(value, list) else in_order(value) for key, value in node.items()}
    if isinstance(node, list):
        return [in_order(item) for item in node]
    return node


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        document = yaml.safe_load(source)
    print("# Extracted by tests/contract/extract.py from the shared contract; do not edit.")
    print(yaml.safe_dump(skeleton(document), default_flow_style=None, sort_keys=True, width=150), end="")


if __name__ == "__main__":
    main()
