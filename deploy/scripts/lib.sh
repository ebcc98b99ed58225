# Sourced by the scripts beside it: strict mode, and where things are.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# Build products stay outside the checkout, so that they outlive it and no tool walks through them.
export YTOPS_CACHE=${YTOPS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ytops}
export CARGO_TARGET_DIR=$YTOPS_CACHE/target

# What belongs to this checkout alone: two checkouts may share the cache.
# shellcheck disable=SC2034
BUILD=$YTOPS_CACHE/build/$(printf %s "$ROOT" | sha256sum | cut -c1-12)

# Where servers live; the path of an ordinary user leaves it out.
export PATH=$PATH:/usr/sbin:/sbin

# A newer Node than the machine's, where install.sh found that the tests need one.
NODE_RUNTIME=$YTOPS_CACHE/node/runtime-$(sha256sum <"$ROOT/deploy/node/package-lock.json" | cut -c1-12)
MACHINE_PATH=${PATH#"$NODE_RUNTIME/bin:"}
use_node_runtime() { if [[ -x $NODE_RUNTIME/bin/node ]]; then export PATH=$NODE_RUNTIME/bin:$MACHINE_PATH; fi; }
use_node_runtime

# By the machine's own Node: Debian's npm finds its parts only through Debian's.
npm() { PATH=$MACHINE_PATH command npm "$@"; }

# npm_ci FOLDER TARGET: what FOLDER's lock file names, in TARGET/node_modules, once and whole.
npm_ci() {
  local draft
  [[ ! -d $2/node_modules ]] || return 0
  mkdir -p "$(dirname "$2")" || return 1
  # Callers ask whether it went well, which turns `set -e` off in here.
  rm -rf "$2" && draft=$(mktemp -d "$2.XXXXXX") || return 1
  if ! (cp "$1/package.json" "$1/package-lock.json" "$draft" && cd "$draft" &&
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2); then
    rm -rf "$draft"
    return 1
  fi
  # Of two at once the first wins, and both hold the same.
  mv --no-target-directory "$draft" "$2" 2>/dev/null || rm -rf "$draft"
}

# Whether the console is told of a database: by the environment, or by its settings file.
names_a_database() {
  [[ -n ${DATABASE_URL:-} ]] ||
    grep --quiet --no-messages '^[[:space:]]*database_url[[:space:]]*=' "${YTOPS_CONFIG:-$ROOT/ytops.toml}"
}

# A fresh copy every time; incremental state only costs there.
if [[ ${CI:-} == true ]]; then export CARGO_INCREMENTAL=0; fi

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Whether sudo lets this user through; asks for the password where there is somebody to ask.
may_sudo() {
  command -v sudo >/dev/null 2>&1 || return 1
  if [[ -t 0 ]]; then sudo --validate; else sudo --non-interactive true 2>/dev/null; fi
}
