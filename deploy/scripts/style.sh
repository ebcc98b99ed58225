#!/usr/bin/env bash
# Leaves the whole style sheet in target/style/ytops.css, where cargo-leptos is told to look for it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
cargo build --quiet --package bundle
mkdir -p target/style
"$CARGO_TARGET_DIR/debug/bundle" --style style --sources app/src --sheet target/style/ytops.css
