#!/usr/bin/env bash
# Installs what building, testing and running need, from Debian's packages, and Redoc for /docs from npm; does nothing when all is there.
# usage: tools/setup.sh build|test
set -euo pipefail
cd "$(dirname "$0")/.."

build=(ca-certificates ccache clang-19 cmake lld-19 make ninja-build pkg-config
  libboost1.81-dev libc-ares-dev libcurl4-openssl-dev libfmt-dev libcli11-dev libre-dev libsndfile1-dev libspandsp-dev
  libspeexdsp-dev libmimalloc-dev libsqlite3-dev libsoci-dev libssl-dev libtomlplusplus-dev prometheus-cpp-dev zlib1g-dev espeak-ng python3 python3-yaml nodejs npm)
test=(doctest-dev libclang-rt-19-dev llvm-19 python3-venv git sip-tester baresip-core)

want=("${build[@]}")
[ "${1:-build}" = test ] && want+=("${test[@]}")

# A newer npm or node than Debian's may be installed in another way: what counts is that the command is there.
missing=()
for package in "${want[@]}"; do
  case $package in
    nodejs) command -v node >/dev/null && continue ;;
    npm) command -v npm >/dev/null && continue ;;
  esac
  dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done

install_missing() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: ${missing[*]} must be installed, and that needs root or sudo" >&2; exit 1; }
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

[ ${#missing[@]} -eq 0 ] || install_missing

# Nothing of the package is run at installation; the build takes one file of it (tools/embed_reference.py).
[ web/reference/node_modules/.package-lock.json -nt web/reference/package-lock.json ] ||
  npm ci --prefix web/reference --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null ||
  echo "setup: Redoc could not be fetched from npm: this build has no /docs" >&2
