#!/usr/bin/env bash
# Everything CI runs for a change, in the order of what fails fastest. usage: tools/test.sh [tidy|unit|tsan|fuzz|e2e|properties ...]
# Ends at the first part that fails; each part prints its runner's closing line.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
jobs=${JOBS:-$(nproc)}
fuzz_seconds=${FUZZ_SECONDS:-5}

configure_and_build() { # <preset> [targets...]
  local preset=$1; shift
  cmake --preset "$preset" --log-level=WARNING >/dev/null
  cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"} | { grep -vE "^\[[0-9]+/[0-9]+\]|^ninja: no work" || true; }
}

tidy() { python3 tools/tidy.py --figures; }

unit() { # every unit test under ASan and UBSan; the benches are built, no more
  configure_and_build asan all benches
  ctest --test-dir build/asan --output-on-failure -j "$jobs"
}

tsan() { # what threads share
  configure_and_build tsan threaded_tests
  TSAN_OPTIONS=history_size=4 ctest --test-dir build/tsan -L threaded --output-on-failure -j "$jobs"
}

fuzz() { # every parser, from its committed corpus
  configure_and_build asan
  local target names=()
  for target in build/asan/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    [ -z "${FUZZ_NAMES:-}" ] || [[ " $FUZZ_NAMES " == *" ${target##*/fuzz_} "* ]] || continue
    names+=("${target##*/fuzz_}")
  done
  printf '%s\n' "${names[@]}" | FUZZ_SECONDS=$fuzz_seconds xargs -P "$jobs" -n 1 tools/fuzz_one.sh
}

e2e() { # the API's document by redocly.yaml; then the whole binary under ASan and UBSan, through its front door and Prism; a leak is an exit status
  configure_and_build asan
  [ tests/e2e/node_modules/.package-lock.json -nt tests/e2e/package-lock.json ] ||
    npm ci --prefix tests/e2e --ignore-scripts --no-audit --no-fund --loglevel=error
  REDOCLY_SUPPRESS_UPDATE_NOTICE=true tests/e2e/node_modules/.bin/redocly lint
  (cd tests/e2e && npx tsc --noEmit && BONI_PRISM=1 BONI=$root/build/asan/boni npx vitest run)
}

properties() { # 5,000 generated requests against openapi.yaml, always the same ones
  configure_and_build asan
  local venv=build/schemathesis
  if ! $venv/bin/schemathesis --version >/dev/null 2>&1; then
    rm -rf $venv
    python3 -m venv $venv && $venv/bin/pip install --quiet schemathesis==4.32.5 ||
      { echo "properties: NOT RUN, schemathesis cannot be fetched"; return 0; }
  fi
  python3 tests/contract/properties.py build/asan/boni $venv/bin/schemathesis
}

parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(tidy unit tsan fuzz e2e properties)
for part in "${parts[@]}"; do
  began=$SECONDS
  echo "== $part"
  "$part"
  echo "== $part: ok, $((SECONDS - began)) s"
done
