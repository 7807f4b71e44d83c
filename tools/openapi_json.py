#!/usr/bin/env python3
"""Makes openapi.yaml a C++ source: the same document as JSON, which the server gives to whoever asks for /openapi.json.

usage: tools/openapi_json.py openapi.yaml out.cpp
"""
import datetime
import json
import sys

import yaml

PIECE = 8000  # characters of one literal; longer ones are beyond what the standard promises


def plain(value):
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    raise TypeError(f"{value!r} has no JSON")


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        text = json.dumps(yaml.safe_load(source), default=plain, ensure_ascii=True, separators=(",", ":"))
    pieces = [f'R"~({text[at:at + PIECE]})~"' for at in range(0, len(text), PIECE)]
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write("// Generated from openapi.yaml - do not edit.\n#include \"app/openapi.hpp\"\n\nnamespace boni::app {\n\n"
                  "std::string_view openapi_json() {\n    static constexpr char text[] =\n        " + "\n        ".join(pieces) +
                  ";\n    return {text, sizeof text - 1};\n}\n\n}  // namespace boni::app\n")


if __name__ == "__main__":
    main()
