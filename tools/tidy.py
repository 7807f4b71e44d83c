#!/usr/bin/env python3
"""The rules of this repository that a machine can check. Prints every breach with its place and ends with their number.

Layers and names of engineering: who may include whom, one symbol per registry file, file and function size, banned names and
words, a changelog, ids of decisions. usage: tools/tidy.py [--figures]
"""
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 120
BANNED_NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|manager|misc|common|handler|impl)(_|$)")
BANNED_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|not[ -]implemented|placeholder", re.IGNORECASE)
REGISTRIES = {"actions": "action", "targets": "target", "cli": "command", "media/codecs": "family", "stream/dialects": "dialect",
              "api/resources": "resource"}


def sees():
    """The table of src/CMakeLists.txt: folder -> folders it may include."""
    table = {}
    for line in (ROOT / "src/CMakeLists.txt").read_text().splitlines():
        match = re.match(r"boni_folder\((\w+)(?: SEES ([a-z ]+?))?(?: LINKS| SOURCES|\)|$)", line)
        if match:
            table[match[1]] = set((match[2] or "").split()) | {match[1]}
    return table


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).exists()]


def functions(lines):
    """(first line, length, name) of every function body, told by braces: an opening line that is not a type or namespace."""
    depth, starts = 0, []
    for number, line in enumerate(lines, 1):
        code = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'|//.*', "", line)
        for char in code:
            if char == "{":
                starts.append((number, line.strip()))
                depth += 1
            elif char == "}" and starts:
                first, opening = starts.pop()
                depth -= 1
                if "(" in opening and not re.match(r"(namespace|struct|class|enum|union|extern|TEST_CASE)\b", opening):
                    yield first, number - first + 1, opening


def main():
    breaches = []

    def breach(path, line, text):
        breaches.append(f"{path.relative_to(ROOT)}:{line}: {text}")

    allowed = sees()
    sources = tracked("src/*.cpp", "src/*.hpp", "tests/*.cpp", "tests/*.hpp", "fuzz/*.cpp", "bench/*.cpp")
    lengths = {}
    for path in sources:
        relative = path.relative_to(ROOT)
        lines = path.read_text().splitlines()
        lengths[relative] = len(lines)
        if len(lines) > FILE_LINES_MAX:
            breach(path, 1, f"{len(lines)} lines: more than one story")
        if BANNED_NAMES.search(path.stem):
            breach(path, 1, f"'{path.stem}' names no thing of this domain")
        folder = relative.parts[1] if relative.parts[0] == "src" and len(relative.parts) > 2 else None
        for number, line in enumerate(lines, 1):
            if BANNED_WORDS.search(line):
                breach(path, number, "unfinished work is not committed: " + line.strip()[:60])
            include = re.match(r'#include "(\w+)/', line)
            if folder and include and include[1] in allowed and include[1] not in allowed.get(folder, set()):
                breach(path, number, f"{folder}/ may not include {include[1]}/")
            if folder and folder != "sip" and re.match(r"#include <re[./]", line):
                breach(path, number, "only sip/ includes libre")
        if relative.parts[0] == "src":
            for first, length, opening in functions(lines):
                if length > FUNCTION_LINES_MAX:
                    breach(path, first, f"{length} lines: {opening[:60]}")
        for registry, kind in REGISTRIES.items():
            if path.parent == ROOT / "src" / registry and path.suffix == ".hpp" and not (registry == "cli" and path.stem == kind):
                breach(path, 1, f"{registry}/ is a registry: nobody includes it")
            if path.parent == ROOT / "src" / registry and path.suffix == ".cpp":
                if f"{path.stem}_{kind}{{" not in "".join(lines).replace(" ", ""):
                    breach(path, len(lines), f"defines no {path.stem}_{kind}")

    guide = (ROOT / "docs/operator.md").read_text()
    for path in tracked("src/*.cpp"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for name in re.findall(r'"(boni_[a-z_]+)"', line):
                if f"`{name}`" not in guide:
                    breach(path, number, f"{name} is not in the operator's guide")

    for path in tracked("docs/decisions/*.md"):
        if not re.match(r"\d{4}-[a-z0-9-]+\.md$", path.name):
            breach(path, 1, "decisions are named NNNN-title.md")
    changelog = ROOT / "CHANGELOG.md"
    if not changelog.exists() or not changelog.read_text().startswith("# Changelog"):
        breach(changelog, 1, "missing, or without its heading")
    for path in tracked("*.sh", "*.py", "*.ts", "*.md", "*.json", "*.toml", "*.cmake", "*.yaml", "Makefile", ".ci/run", "src", "tests"):
        if path == Path(__file__).resolve() or path.suffix in {".png", ".wav"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if re.search(r"(?<![\w.])/(work|root)/\w", line):
                breach(path, number, "a path of somebody's machine")

    if "--figures" in sys.argv:
        own = sorted(length for path, length in lengths.items() if path.parts[0] == "src")
        if own:
            print(f"src: {len(own)} files, {sum(own)} lines; median {statistics.median(own):.0f}, "
                  f"p95 {own[int(len(own) * 0.95) - 1]}, max {own[-1]}")
            test = sum(length for path, length in lengths.items() if path.parts[0] != "src")
            print(f"tests, fuzz, bench: {test} lines, {test / sum(own):.2f} per line of src")
    for line in breaches:
        print(line)
    print(f"tidy: {len(sources)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
