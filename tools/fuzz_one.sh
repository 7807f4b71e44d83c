#!/usr/bin/env bash
# One fuzzer from its committed corpus, for $FUZZ_SECONDS; on failure its log and where the input is. usage: tools/fuzz_one.sh <name>
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1 corpus=fuzz/corpus/$1 work=$(mktemp -d)
build/asan/fuzz/fuzz_"$name" -max_total_time="$FUZZ_SECONDS" -verbosity=0 -print_final_stats=0 -artifact_prefix="$work/" "$work" \
  $([ -d "$corpus" ] && echo "$corpus") > "$work.log" 2>&1 || { cat "$work.log"; echo "fuzz: $name failed; input in $work" >&2; exit 255; }
rm -rf "$work" "$work.log"
echo "fuzz: $name passed, $FUZZ_SECONDS s"
