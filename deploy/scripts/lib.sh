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

# A fresh copy every time; incremental state only costs there.
if [[ ${CI:-} == true ]]; then export CARGO_INCREMENTAL=0; fi

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}
