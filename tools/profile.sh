#!/bin/sh
# Writes cmake/boni.profdata anew: how often each branch is taken when the server does what bench/ measures. The release build's compiler
# lays the code out for that (docs/decisions/0010). Run it after large changes, on a quiet machine; it takes some five minutes.
set -eu
cd "$(dirname "$0")/.."
command -v llvm-profdata-19 >/dev/null || { echo "tools/profile.sh: llvm-profdata-19 is missing: apt-get install llvm-19" >&2; exit 1; }

cmake --preset profile --log-level=WARNING
cmake --build --preset profile -j "${JOBS:-$(nproc)}" --target boni
cmake --preset release --log-level=WARNING
cmake --build --preset release -j "${JOBS:-$(nproc)}" --target benches   # the callers, which are not counted
boni=build/profile/boni

counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
export LLVM_PROFILE_FILE="$counts/%p.profraw"
train() { echo "$*" >&2; "$@" >/dev/null; }
train python3 tools/burst.py --boni "$boni" --rate 300
train python3 tools/cost.py --boni "$boni" --seconds 2
train python3 tools/load.py --boni "$boni" --calls 100 --seconds 20
train python3 tools/load.py --boni "$boni" --stream --calls 100 --seconds 15
llvm-profdata-19 merge --sparse -o cmake/boni.profdata "$counts"/*.profraw
ls -l cmake/boni.profdata
