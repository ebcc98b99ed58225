#!/usr/bin/env bash
# Makes the site folder: site.sh release|dev OUT AREA=WASM..
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kind=${1:?release or dev} out=${2:?folder to fill}
shift 2
args=("${@/#/--wasm=}" --style style --sources app/src --public public --out "$out")
cd "$ROOT"

if [[ $kind == dev ]]; then
  args+=(--dev)
else
  # wasm-opt from npm, once for each committed lock file.
  tools=$YTOPS_CACHE/node/bundle-$(sha256sum <frontend/bundle/package-lock.json | cut -c1-12)
  npm_ci frontend/bundle "$tools"
  args+=(--wasm-opt "$tools/node_modules/.bin/wasm-opt")
fi

# Unoptimised on purpose: it runs for seconds, and optimising it takes minutes.
cargo build --quiet --package bundle
mkdir -p "$out"
"$CARGO_TARGET_DIR/debug/bundle" "${args[@]}"
touch "$out/manifest.json"
