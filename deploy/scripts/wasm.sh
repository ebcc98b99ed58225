#!/usr/bin/env bash
# Compiles the browser's half for one area (app/src/area.rs): wasm.sh release|dev AREA OUT, where OUT is the wasm file
# to write.
#
# Two compilers can do it. rustup's, where its wasm32 target is installed; else Debian's rustc-web
# with the standard library compiled from rust-web-src. YTOPS_WASM_TOOLCHAIN=rustup|web picks one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kind=${1:?release or dev} area=${2:?an area} out=${3:?file to write}
target=wasm32-unknown-unknown
# Apart from the server's: with two compilers in one folder each evicts what the other built.
export CARGO_TARGET_DIR=$YTOPS_CACHE/target-wasm

toolchain=${YTOPS_WASM_TOOLCHAIN:-}
sysroot=$(cd "$ROOT" && rustc --print sysroot)
if [[ -z $toolchain ]]; then
  if [[ -d $sysroot/lib/rustlib/$target/lib ]]; then toolchain=rustup; else toolchain=web; fi
fi

args=(build --package frontend --no-default-features --features "$area" --target "$target")
case $kind in
  release)
    args+=(--locked --profile wasm-release)
    # Where a panic stood and what Debug would print matter to nobody who loads the file. Both are unstable options.
    args+=(--config "target.$target.rustflags=['-Zlocation-detail=none', '-Zfmt-debug=none']")
    export RUSTC_BOOTSTRAP=1
    folder=wasm-release
    ;;
  dev)
    # Some optimisation, for an unoptimised page of components takes seconds to hydrate; no debug
    # information, for it is most of the file.
    args+=(--config 'profile.dev.opt-level=1' --config 'profile.dev.debug=false' --config 'profile.dev.strip="debuginfo"')
    folder=debug
    ;;
  *) die "wasm.sh: $kind is neither release nor dev" ;;
esac

cargo=cargo
if [[ $toolchain == web ]]; then
  cargo=/usr/bin/cargo
  host=$(cd "$ROOT" && rustc --version --verbose | sed -n 's/^host: //p')
  linker=$sysroot/lib/rustlib/$host/bin/rust-lld
  [[ -x $linker ]] || linker=$(command -v wasm-ld || command -v rust-lld) || die "wasm.sh: no linker for wasm: rust-lld or wasm-ld is needed"
  # build-std is an unstable option; this compiler is used for nothing else.
  export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
  args+=(-Z "build-std=std,panic_abort")
fi

cd "$ROOT"
"$cargo" "${args[@]}"
mkdir -p "$(dirname "$out")"
cp "$CARGO_TARGET_DIR/$target/$folder/frontend.wasm" "$out.part"
mv "$out.part" "$out"
